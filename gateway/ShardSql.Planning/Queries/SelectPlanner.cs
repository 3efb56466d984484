using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Queries;

/// <summary>
/// Plans a SELECT. On one shard the whole query runs there and the gateway passes its rows on; on several, each shard
/// filters, aggregates partially or keeps its best rows, and the gateway merges.
/// </summary>
internal sealed class SelectPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly Select _select;
    private readonly QuerySource _source;
    private readonly Binding _rows;
    private readonly BoundQuery _query;
    private readonly ByteString _filter = ByteString.Empty;
    private readonly TableAccessPlanner? _access;
    private readonly TableShape? _shape;
    private readonly byte[] _body = [];
    private readonly AccessWishes _wishes = AccessWishes.None;

    public SelectPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _select = statement.Select;
        _source = QuerySource.Of(_select.From, context.Catalog);
        _rows = Binding.Of(context, _source.Scope);
        if (Aggregates.Contains(_select.Where))
        {
            throw new SqlException(
                SqlStates.GroupingError, "aggregate functions are not allowed in WHERE", (int)_select.Position);
        }

        _query = new QueryBinder(_select, _source, _rows).Bind();
        if (_source.Table is { } table)
        {
            _access = new TableAccessPlanner(_source, _rows, _select.Where);
            _shape = context.Catalog.ShapeOf(table);
            _wishes = WishesOf(_query);
            _body = new ScanPlan
            {
                Table = _shape,
                Aggregation = _query.Aggregation,
                Output = _query.Output,
            }.ToByteArray();
        }
        else if (_select.Where?.Nodes.Count > 0)
        {
            _filter = _rows.ToBytes(_rows.BindCondition(_select.Where, "WHERE"));
        }
    }

    /// <inheritdoc />
    public override bool IsReusable => !_rows.HoldsValues;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding rows = _rows.For(context);
        long? limit = rows.EvaluateCount(_select.Limit, isOffset: false);
        long offset = rows.EvaluateCount(_select.Offset, isOffset: true) ?? 0;
        if (_access is null)
        {
            return AtGateway(rows, Own(limit, offset), context);
        }

        AccessWishes wishes = limit is null ? _wishes with { Order = [] } : _wishes;
        TableAccess access = _access.Plan(context, rows, isWrite: false, wishes);
        StatementPlan plan = OnShards(access, rows, Own(limit, offset), context);
        return !access.IsLookUp ? plan : LookUps.Before(plan, access, context, found => OnShards(
            LookUps.Found(_access, context, rows, isWrite: false, found, wishes), rows, Own(limit, offset), context));
    }

    private static AccessWishes WishesOf(BoundQuery query)
    {
        var columns = new SortedSet<int>();
        IEnumerable<ByteString> read = query.Aggregation is { } aggregation
            ? [.. aggregation.Groups, .. aggregation.Aggregates]
            : query.Output.Projection;
        foreach (ByteString bytes in read)
        {
            foreach (ExpressionNode node in Expression.Parser.ParseFrom(bytes).Nodes)
            {
                if (node.Op == ExpressionOp.BoundColumn)
                {
                    columns.Add((int)node.Ordinal);
                }
            }
        }

        return new AccessWishes
        {
            Columns = columns,
            Order = query.Aggregation is null && query.OrderColumns.Count == query.Output.Order.Count
                ? query.OrderColumns
                : [],
        };
    }

    /// <summary>What of the output stage depends on values.</summary>
    private static OutputStage Own(long? limit, long offset) => new()
    {
        Limited = limit is not null,
        Limit = (ulong)(limit ?? 0),
        Offset = (ulong)offset,
    };

    /// <summary>The query with the whole of its output stage.</summary>
    private BoundQuery Whole(OutputStage own)
    {
        OutputStage output = _query.Output.Clone();
        output.MergeFrom(own);
        return _query with { Output = output };
    }

    /// <summary>Without FROM there is one row of no columns.</summary>
    private StatementPlan AtGateway(Binding rows, OutputStage own, PlanningContext context)
    {
        var explain = new ExplainInput { Verb = "scan", GatewaySteps = ["one row"] };
        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = _query.Columns,
            RunPlan = new StatementRunPlan
            {
                ConstantRows = [[]],
                Filter = _filter,
                Aggregation = _query.Aggregation,
                Output = Whole(own).Output,
                Parameters = rows.ParameterValues,
            },
            Explainer = () => ExplainText.Lines(explain, context),
        };
    }

    private StatementPlan OnShards(TableAccess access, Binding rows, OutputStage own, PlanningContext context)
    {
        own.Presorted = _query.Aggregation is null && _query.Output.Order.Count > 0
            && access.IsSortedBy(_query.OrderColumns, _query.Output.Order.Count);
        bool single = access.Shards.Count == 1;
        byte[] body = _body;
        StatementRunPlan run = new() { Sources = 1 };
        Func<IReadOnlyList<ExplainLine>> explainer;
        if (single)
        {
            explainer = () => Explain(Scan(access, Whole(own)), Whole(own), access, context);
        }
        else
        {
            BoundQuery query = Whole(own);
            ScanPlan scan = Scan(access, query);
            scan.Output = null;
            run = RunAtGateway(scan, query, access, rows);
            body = scan.ToByteArray();
            own = new OutputStage();
            explainer = () => Explain(scan, query, access, context);
        }

        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = _query.Columns,
            IsForUpdate = _select.ForUpdate,
            IsByKey = access.IsByKey,
            Tasks = FragmentBuilder.Build(
                access.Visited,
                rows,
                access.Shards,
                FragmentStatement.ScanFieldNumber,
                _ => body,
                shard => new ScanPlan
                {
                    Access = shard.ToMessage(),
                    Filter = access.Filter,
                    Output = single ? own : null,
                }),
            RunPlan = run,
            Explainer = explainer,
        };
    }

    private ScanPlan Scan(TableAccess access, BoundQuery query) => new()
    {
        Table = _shape,
        Filter = access.Filter,
        Aggregation = query.Aggregation?.Clone(),
        Output = query.Output,
    };

    private static IReadOnlyList<ExplainLine> Explain(
        ScanPlan scan, BoundQuery query, TableAccess access, PlanningContext context) => ExplainText.Lines(
            QueryExplainer.Explain(query, access, scan, access.Shards.Count == 1), context);

    private static StatementRunPlan RunAtGateway(ScanPlan scan, BoundQuery query, TableAccess access, Binding rows)
    {
        if (query.Grouped is not null && HasDistinct(query.Grouped))
        {
            return DistinctAggregation.Plan(scan, query, access.Shards.Count, rows);
        }

        if (scan.Aggregation is not null)
        {
            scan.Aggregation.Partial = true;
            return new StatementRunPlan
            {
                Sources = access.Shards.Count,
                Mode = SourceMode.GroupMerge,
                Aggregation = scan.Aggregation,
                Output = query.Output,
                Parameters = rows.ParameterValues,
            };
        }

        // A shard keeps what the whole result could need of it, with the columns that the merge compares.
        scan.Output = query.Output.Clone();
        scan.Output.Visible = (uint)query.Output.Projection.Count;
        scan.Output.Offset = 0;
        scan.Output.Limited = query.Output.Limited && query.Output.Limit <= long.MaxValue - query.Output.Offset;
        scan.Output.Limit = scan.Output.Limited ? query.Output.Limit + query.Output.Offset : 0;
        var merged = new OutputStage
        {
            Visible = query.Output.Visible,
            Distinct = query.Output.Distinct,
            Limited = query.Output.Limited,
            Limit = query.Output.Limit,
            Offset = query.Output.Offset,
        };
        bool passes = !merged.Distinct && !merged.Limited && merged.Offset == 0
            && merged.Visible == scan.Output.Visible;
        return new StatementRunPlan
        {
            Sources = access.Shards.Count,
            Mode = query.Output.Order.Count > 0 ? SourceMode.OrderedMerge : SourceMode.Concat,
            MergeOrder = query.Output.Order,
            Output = passes ? null : merged,
        };
    }

    private static bool HasDistinct(AggregateBinding grouped)
    {
        foreach (AggregateCall call in grouped.Calls)
        {
            if (call.IsDistinct)
            {
                return true;
            }
        }

        return false;
    }
}
