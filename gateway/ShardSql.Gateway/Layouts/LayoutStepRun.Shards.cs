using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <content>Shards come and go: first a group without rows, then one that is written and not read, then one like the others;
/// and back in one step, which refuses whoever counts on the shard.</content>
internal sealed partial class LayoutStepRun
{
    private ShardId Shard => step.Shard;

    private async Task CreateShardAsync(CancellationToken ended)
    {
        await ChangeAsync(
            (state, layout) =>
            {
                if (LayoutEdits.CreateShard(layout, Shard, step.Nodes) is not { } next)
                {
                    return null;
                }

                Require(state, next);
                return new LayoutChange(next);
            },
            isEnd: false,
            ended);
        bool leads = await UntilAsync(
            async asked => new GroupStep(
                (await services.Client.StatusAsync(Shard, asked)).Leader != default, $"a leader of shard {Shard}"),
            ended);
        if (leads)
        {
            await EndAsync(ended);
        }
    }

    private Task OpenShardAsync(CancellationToken ended) => ChangeAsync(
        (state, layout) =>
        {
            RequireThere(layout);
            return state.Map.Topology switch
            {
                { } topology when topology.Serving.Contains(Shard) => null,
                { } topology when topology.Filling.Contains(Shard) => new LayoutChange(null, topology.Serve(Shard)),
                _ => throw Refused($"shard {Shard} has been closed meanwhile", "CREATE SHARD makes another one."),
            };
        },
        isEnd: true,
        ended);

    private async Task CloseShardAsync(CancellationToken ended)
    {
        while (GoesOn && services.Catalog.Current.Map.DataShards.Contains(Shard)
            && await HeldByAsync(ended) is { } waitingFor)
        {
            await AwaitTrafficAsync(waitingFor, ended);
        }

        if (!GoesOn)
        {
            return;
        }

        await ChangeAsync(
            (state, _) =>
            {
                if (!state.Map.CopyShards.Contains(Shard))
                {
                    return null;
                }

                LayoutMaker.RequireEmpty(state, Shard);
                return BuildingIn(state) is { } index
                    ? throw new SqlException(SqlStates.ObjectInUse, $"index {index} is being built on every shard")
                    {
                        Hint = "RETRY JOB goes on when it is built.",
                    }
                    : new LayoutChange(null, state.Map.Topology.Close(Shard));
            },
            isEnd: true,
            ended);
    }

    /// <summary>What still needs the shard though no segment lies there; null: nothing.</summary>
    private async Task<string?> HeldByAsync(CancellationToken ended)
    {
        SystemState state = await services.Catalog.NewestAsync(ended);
        LayoutMaker.RequireEmpty(state, Shard);
        if (BuildingIn(state) is { } index)
        {
            return $"index {index}, which is being built";
        }

        foreach (JobRecord job in await services.JobRows.ListAsync(ended))
        {
            if (!job.HasEnded && job.SegmentId != 0 && job.ToShard == Shard.Value)
            {
                return $"job {job.Id}, which moves a segment there";
            }
        }

        return (await services.Client.MoveAsync(Shard, null, ended)).Moves.Count > 0
            ? "rows that have moved away and may still be read at older snapshots"
            : null;
    }

    // Such a job counts the shards that it has done.
    private static string? BuildingIn(SystemState state) => ReferenceBackfill.TablesOf(state.Catalog)
        .SelectMany(static table => table.Indexes).FirstOrDefault(static index => !index.IsReadable)?.Name;

    private async Task DropShardAsync(CancellationToken ended)
    {
        long began = services.Time.GetTimestamp();
        bool isFree = services.Layouts.Current.Shards.All(known => known.Shard != Shard) || await UntilAsync(
            async asked => services.Time.GetElapsedTime(began) < GatewayLimits.CloseTime
                ? new GroupStep(false, "gateways that have not heard of it")
                : new GroupStep(!await IsInDoubtAsync(asked), "transactions in doubt"),
            ended);
        if (!isFree)
        {
            return;
        }

        await ChangeAsync(
            (state, layout) => state.Map.CopyShards.Contains(Shard)
                ? throw Refused($"shard {Shard} has been opened again", "DROP SHARD closes it first.")
                : LayoutEdits.DropShard(layout, Shard) is { } next ? new LayoutChange(next) : null,
            isEnd: true,
            ended);
    }

    /// <summary>Whether somewhere else a transaction is undecided whose outcome depends on the shard. None is there: what it voted
    /// on before it was closed was decided before that.</summary>
    private async Task<bool> IsInDoubtAsync(CancellationToken cancellationToken)
    {
        foreach (ShardId shard in services.Catalog.Current.Map.CopyShards.Append(ShardId.System))
        {
            IReadOnlyList<PreparedTransaction> prepared = await services.Client.InDoubtAsync(shard, cancellationToken);
            if (prepared.Any(one => one.Attempt.Participants.Contains(Shard)))
            {
                return true;
            }
        }

        return false;
    }

    private void RequireThere(ClusterLayout layout)
    {
        if (layout.Shards.All(known => known.Shard != Shard))
        {
            throw Refused($"shard {Shard} does not exist any more", "SHOW SHARDS lists the shards.");
        }
    }
}
