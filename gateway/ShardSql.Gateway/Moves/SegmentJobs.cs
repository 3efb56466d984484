using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Gateway.Moves;

/// <summary>Begins the jobs that change who owns what.</summary>
internal sealed class SegmentJobs(GatewayServices services)
{
    /// <summary>The segment of an id; 42704 where there is none.</summary>
    public static Segment Require(SystemState state, SegmentId id) => state.Map.Find(id)
        ?? throw new SqlException(SqlStates.UndefinedObject, $"segment {id} does not exist")
        {
            Hint = "SHOW SEGMENTS lists the segments.",
        };

    /// <summary>Begins to move a segment.</summary>
    public async Task<JobRecord> MoveAsync(
        long id, SegmentId segment, ShardId target, MoveOptions options, CancellationToken ended)
    {
        SystemState state = await services.Catalog.NewestAsync(ended);
        Segment moved = Require(state, segment);
        if (!System.Linq.Enumerable.Contains(state.Map.DataShards, target))
        {
            throw new SqlException(SqlStates.UndefinedObject, $"shard {target} does not exist")
            {
                Hint = "SHOW SHARDS lists the shards.",
            };
        }

        var job = new JobRecord
        {
            Id = id,
            Kind = JobRecord.MoveSegment,
            Target = $"segment {segment} from shard {moved.Shard} to shard {target}",
            Phase = JobPhase.Planned,
            SegmentId = segment.Value,
            ToShard = target.Value,
            MaxPauseMs = (int)options.MaxWritePause.TotalMilliseconds,
            AbortsOnPause = options.AbortsOnPause,
            Throttle = options.Throttle,
        };
        return await PutAsync(job, ended);
    }

    /// <summary>Changes the map alone: done at once, in one transaction, and listed as a job like the others.</summary>
    public async Task<JobRecord> ChangeMapAsync(
        long id, string kind, Func<SystemState, DdlChange> change, CancellationToken ended)
    {
        DdlChange? made = null;
        JobRecord? job = null;
        await services.Schema.ChangeAsync(
            state => made = change(state),
            transaction =>
            {
                job = new JobRecord
                {
                    Id = id,
                    Kind = kind,
                    Target = $"segment {made!.AddedSegments[0].Id}",
                    Phase = JobPhase.Done,
                    State = JobState.Succeeded,
                };
                JobStore.Put(transaction, job);
                return Task.FromResult(true);
            },
            ended);
        return job!;
    }

    private Task<JobRecord> PutAsync(JobRecord job, CancellationToken ended) => services.Store.ChangeAsync(
        transaction =>
        {
            JobStore.Put(transaction, job);
            return Task.FromResult((job, HasWrites: true));
        },
        ended);
}
