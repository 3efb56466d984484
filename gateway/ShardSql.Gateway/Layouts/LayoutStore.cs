using System;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>A layout, a topology, or both as they are to be; null: as they are.</summary>
internal sealed record LayoutChange(ClusterLayout? Layout, Topology? Topology = null);

/// <summary>
/// Changes of the layout's row and of the topology's: each a transaction that reads the catalog's header and raises the map's
/// version, as every change of the schema and of the map does. So none is made with a view of the other that is not the
/// newest, and whoever follows the catalog follows the layout.
/// </summary>
internal sealed class LayoutStore(GatewayServices services)
{
    /// <summary>Makes a change.</summary>
    /// <param name="edit">Gives it; null: nothing is to be done.</param>
    /// <param name="note">What else belongs to the transaction; false: it must not be made.</param>
    /// <param name="ended">Ends it.</param>
    /// <returns>Whether it was made.</returns>
    public async Task<bool> ChangeAsync(
        Func<SystemState, ClusterLayout, LayoutChange?> edit, Func<OpenTransaction, Task<bool>> note, CancellationToken ended)
    {
        ClusterLayout before = services.Layouts.Current;
        LayoutChange? change = null;
        bool isMade = await services.Schema.ChangeAsync(
            state =>
            {
                before = services.Layouts.Current;
                change = edit(state, before);
                return change is null ? null : TopologyChanges.To(state, change.Topology ?? state.Map.Topology);
            },
            async transaction =>
            {
                if (change!.Layout is { } next)
                {
                    await RequireAsync(transaction, before, ended);
                    transaction.At(ShardId.System).Write(
                        SystemRows.Write(SystemTableIds.LayoutKey, next.ToDescription().ToByteArray()));
                }

                return await note(transaction);
            },
            ended);
        if (isMade && change!.Layout is { } made)
        {
            await services.Layouts.TakeAsync(made, ended);
        }

        return isMade;
    }

    /// <summary>The layout of a row.</summary>
    public static ClusterLayout Decode(byte[] row) =>
        ClusterLayout.FromDescription(ClusterDescription.Parser.ParseFrom(row));

    private async Task RequireAsync(OpenTransaction transaction, ClusterLayout before, CancellationToken ended)
    {
        byte[]? row = await services.Store.GetAsync(transaction, SystemTableIds.LayoutKey, ended);
        if ((row is null ? 0 : Decode(row).Version) != before.Version)
        {
            // This gateway has not read it yet: the catalog brings it.
            throw new SnapshotRefusedException(ShardId.System, ReplyStatus.StaleSchema);
        }
    }
}
