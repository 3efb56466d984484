using System;
using System.Collections.Generic;

using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>Rows of <c>shard.hot_keys</c>, <c>hot_segments</c>, <c>graph_edges</c> and <c>graph</c>. Places are those of the
/// map now; what belongs to tables or segments that are gone is left out.</summary>
internal sealed class GraphRows(TransactionWatch watch, Func<SystemState> current)
{
    /// <summary>The hottest rows.</summary>
    public IReadOnlyList<SqlValue[]> Keys()
    {
        SystemState state = current();
        var rows = new List<SqlValue[]>();
        foreach (HotKey hot in watch.Read(static (known, _) => known.HotKeys(GatewayLimits.MaxHotRows)) ?? [])
        {
            if (EndOf(state, new GraphVertex(hot.Segment, hot.TableId, hot.Key)) is [{ IsNull: false }, ..] end)
            {
                rows.Add([.. end, .. Figures(hot.Heat)]);
            }
        }

        return rows;
    }

    /// <summary>The hottest segments.</summary>
    public IReadOnlyList<SqlValue[]> Segments()
    {
        SystemState state = current();
        var rows = new List<SqlValue[]>();
        foreach (HotSegment hot in watch.Read(static (known, _) => known.HotSegments(GatewayLimits.MaxHotRows)) ?? [])
        {
            if (state.Map.Find(hot.Segment) is { } segment)
            {
                rows.Add(
                [
                    SqlValue.FromText(segment.Id.ToString()),
                    SqlValue.FromText(VirtualRows.TablesOf(state, segment.GroupId)),
                    SqlValue.FromInt32((int)segment.GroupId),
                    SqlValue.FromText(segment.Shard.ToString()),
                    .. Figures(hot.Heat),
                ]);
            }
        }

        return rows;
    }

    /// <summary>The heaviest pairs.</summary>
    public IReadOnlyList<SqlValue[]> Edges()
    {
        SystemState state = current();
        var rows = new List<SqlValue[]>();
        foreach (HotEdge hot in watch.Read(static (known, _) => known.HotEdges(GatewayLimits.MaxHotRows)) ?? [])
        {
            SqlValue[] first = EndOf(state, hot.First);
            SqlValue[] second = EndOf(state, hot.Second);
            if (first.Length > 0 && second.Length > 0)
            {
                rows.Add(
                [
                    .. first,
                    .. second,
                    SqlValue.FromDouble(hot.PerSecond),
                    SqlValue.FromBoolean(first[^1].AsText() != second[^1].AsText()),
                ]);
            }
        }

        return rows;
    }

    /// <summary>The one row of what was counted; none where nothing is.</summary>
    public IReadOnlyList<SqlValue[]> Summary()
    {
        if (watch.Options is not { } options || watch.Read(static (_, totals) => totals) is not { } totals)
        {
            return [];
        }

        return
        [
            [
                SqlValue.FromInt64(totals.Transactions),
                SqlValue.FromInt64(totals.Sampled),
                SqlValue.FromInt64(totals.Missed),
                SqlValue.FromInt64(totals.Aborts),
                SqlValue.FromDouble(totals.PerSecond),
                SqlValue.FromDouble(totals.CrossShardPerMillion / 10_000.0),
                SqlValue.FromInt32(totals.Keys),
                SqlValue.FromInt32(options.Keys),
                SqlValue.FromInt32(totals.Segments),
                SqlValue.FromInt32(totals.Edges),
                SqlValue.FromInt32(options.Edges),
                SqlValue.FromInt32(options.SampleEvery),
                SqlValue.FromDouble(options.HalfLifeMs / 1000.0),
            ],
        ];
    }

    private static SqlValue[] Figures(Heat heat) =>
    [
        SqlValue.FromDouble(heat.Reads),
        SqlValue.FromDouble(heat.Writes),
        SqlValue.FromDouble(heat.Aborts),
        SqlValue.FromDouble(heat.Total > 0 ? heat.Aborts / heat.Total : 0),
    ];

    /// <summary>Table, key, segment and shard; empty: there is no such place any more.</summary>
    private static SqlValue[] EndOf(SystemState state, GraphVertex vertex)
    {
        TableDescriptor? table = vertex.Key is null ? null : state.Catalog.Find(vertex.TableId);
        string? key = table is null ? null : RowKeyText.Of(table, vertex.Key);
        if (vertex.IsRow && key is null)
        {
            return [];
        }

        Segment? segment = table is null
            ? state.Map.Find(vertex.Segment)
            : RowKeyText.SegmentOf(state.Map, table, vertex.Key);
        return segment is null
            ? []
            :
            [
                TextOrNull(table?.Name),
                TextOrNull(key),
                SqlValue.FromText(segment.Id.ToString()),
                SqlValue.FromText(segment.Shard.ToString()),
            ];
    }

    private static SqlValue TextOrNull(string? text) =>
        text is null ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(text);
}
