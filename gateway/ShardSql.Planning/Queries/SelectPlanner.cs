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
internal sealed class SelectPlanner
{
    private readonly Statement _statement;
    private readonly Select _select;
    private readonly PlanningContext _context;

    public SelectPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _select = statement.Select;
        _context = context;
    }

    /// <summary>The plan.</summary>
    public StatementPlan Plan()
    {
        QuerySource source = QuerySource.Of(_select.From, _context.Catalog);
        Binding rows = Binding.Of(_context, source.Scope);
        if (Aggregates.Contains(_select.Where))
        {
            throw new SqlException(
                SqlStates.GroupingError, "aggregate functions are not allowed in WHERE", (int)_select.Position);
        }

        BoundQuery query = new QueryBinder(_select, source, rows).Bind();
        return source.Table is null ? AtGateway(source, rows, query) : OnShards(source, rows, query);
    }

    /// <summary>Without FROM there is one row of no columns; virtual tables bring their rows as a source.</summary>
    private StatementPlan AtGateway(QuerySource source, Binding rows, BoundQuery query)
    {
        ByteString filter = _select.Where?.Nodes.Count > 0
            ? rows.ToBytes(rows.BindCondition(_select.Where, "WHERE"))
            : ByteString.Empty;
        bool isVirtual = source.Virtual is not null;
        var explain = new ExplainInput
        {
            Verb = "scan",
            GatewaySteps = isVirtual ? [$"scan {SchemaNames.Virtual}.{source.Virtual!.Name}"] : ["one row"],
        };
        return new StatementPlan
        {
            Kind = isVirtual ? StatementKind.Show : StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = query.Columns,
            Show = source.Virtual,
            RunPlan = new StatementRunPlan
            {
                Sources = isVirtual ? 1 : 0,
                ConstantRows = isVirtual ? [] : [[]],
                Filter = filter,
                Aggregation = query.Aggregation,
                Output = query.Output,
                Parameters = rows.ParameterValues,
            },
            Explainer = () => ExplainText.Lines(explain, _context),
        };
    }

    private StatementPlan OnShards(QuerySource source, Binding rows, BoundQuery query)
    {
        TableAccess access = new TableAccessPlanner(source, rows, _context).Plan(_select.Where);
        bool single = access.Shards.Count == 1;
        if (query.Aggregation is null && query.Output.Order.Count > 0)
        {
            query.Output.Presorted = access.IsSortedBy(query.OrderColumns, query.Output.Order.Count);
        }

        var scan = new ScanPlan
        {
            Table = _context.Catalog.ShapeOf(source.Table!),
            Filter = access.Filter,
            Aggregation = query.Aggregation?.Clone(),
        };
        StatementRunPlan run = single ? RunAtShard(scan, query) : RunAtGateway(scan, query, access, rows);
        var fragments = new FragmentBuilder(source.Table!, rows);
        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = query.Columns,
            IsForUpdate = _select.ForUpdate,
            IsByKey = access.IsByKey,
            Tasks = fragments.Build(access.Shards, shard =>
            {
                scan.Access = shard.ToMessage();
                return new FragmentStatement { Scan = scan };
            }),
            RunPlan = run,
            Explainer = () => ExplainText.Lines(QueryExplainer.Explain(query, access, scan, single), _context),
        };
    }

    private static StatementRunPlan RunAtShard(ScanPlan scan, BoundQuery query)
    {
        scan.Output = query.Output;
        return new StatementRunPlan { Sources = 1 };
    }

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
