using System.Collections.Generic;
using System.Globalization;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using SetOperator = ShardSql.Sql.Tree.SetOperator;

namespace ShardSql.Planning.Relations;

/// <summary>The lines of EXPLAIN for a query of relational operators: the verdict, then the tree.</summary>
internal sealed class RelationExplainer
{
    private readonly RelationBuild _build;
    private readonly RelationPlan _plan;
    private readonly IReadOnlyList<PushedPart> _parts;
    private readonly PlanningContext _context;
    private readonly List<ExplainLine> _lines = [];
    private PushedPart? _part;

    private RelationExplainer(
        RelationBuild build, RelationPlan plan, IReadOnlyList<PushedPart> parts, PlanningContext context)
    {
        _build = build;
        _plan = plan;
        _parts = parts;
        _context = context;
    }

    /// <summary>The shards that a plan reads, at most: entries lead to rows anywhere.</summary>
    public static SortedSet<ShardId> ShardsOf(RelationBuild build, PlanningContext context)
    {
        var shards = new SortedSet<ShardId>();
        foreach (RelationSourceTemplate source in build.Sources)
        {
            if (source.Access(context) is not { } access)
            {
                continue;
            }

            foreach (ShardAccess shard in access.Shards)
            {
                shards.Add(shard.Shard);
            }

            if (access.IsLookUp)
            {
                shards.UnionWith(Ddl.DdlChanges.ShardsOf(context.Map, [access.Table]));
            }
        }

        return shards;
    }

    /// <summary>The lines of a statement that writes what a query finds.</summary>
    /// <param name="build">The query.</param>
    /// <param name="plan">Its operators.</param>
    /// <param name="parts">What shards run by themselves.</param>
    /// <param name="context">The context of planning.</param>
    /// <param name="touched">The shards that it reads or may write.</param>
    /// <param name="write">What it does with the rows.</param>
    /// <param name="checks">What foreign keys look at.</param>
    public static IReadOnlyList<ExplainLine> WriteLines(
        RelationBuild build,
        RelationPlan plan,
        IReadOnlyList<PushedPart> parts,
        PlanningContext context,
        IReadOnlyCollection<ShardId> touched,
        string write,
        IReadOnlyList<ExplainLine> checks)
    {
        var explainer = new RelationExplainer(build, plan, parts, context);
        explainer._lines.Add(new ExplainLine(ExplainText.VerdictOf(
            [.. touched],
            isWrite: true,
            touched.Count == 1
                ? "all rows that are read and written are on one shard"
                : "the rows are found first and then written by their keys, on these shards at most",
            context)));
        explainer._lines.Add(new ExplainLine(write) { IsWrite = true });
        explainer.AddAll(1);
        explainer._lines.AddRange(checks);
        return explainer._lines;
    }

    /// <summary>The lines.</summary>
    public static IReadOnlyList<ExplainLine> Lines(
        RelationBuild build,
        RelationPlan plan,
        IReadOnlyList<PushedPart> parts,
        PlanningContext context,
        ShardId? whole = null)
    {
        if (whole is { } home)
        {
            context = context with { PreferredShard = home };
        }

        var explainer = new RelationExplainer(build, plan, parts, context);
        explainer.AddVerdict(whole is not null);
        explainer.AddAll(0);
        return explainer._lines;
    }

    private void AddAll(int depth)
    {
        Add(_plan.Root, depth);
        for (int i = 0; i < _plan.Shared.Count; i++)
        {
            Line(depth, string.Create(CultureInfo.InvariantCulture, $"common table {i + 1}"));
            Add(_plan.Shared[i], depth + 1);
        }
    }

    private void AddVerdict(bool isWhole)
    {
        SortedSet<ShardId> shards = ShardsOf(_build, _context);
        _lines.Add(new ExplainLine(ExplainText.VerdictOf(
            [.. shards],
            isWrite: false,
            isWhole
                ? "all rows are on one shard, which runs the query whole"
                : shards.Count == 0 && _build.Sources.Count > 0
                    ? "only what the gateway knows is read"
                    : _parts.Count > 0
                        ? "rows that lie together are joined and aggregated on each shard, the gateway does the rest"
                        : "the gateway joins, groups and sorts what the shards give",
            _context)));
    }

    private void Add(RelationNode node, int depth)
    {
        if (node.KindCase != RelationNode.KindOneofCase.Stream)
        {
            Line(depth, Describe(node), node);
            AddInputs(node, depth);
        }
        else if (_part is not null)
        {
            AddSource(_part.Sources[(int)node.Stream.Source], node, depth);
        }
        else if (node.Stream.Source < _build.Sources.Count)
        {
            AddSource(_build.Sources[(int)node.Stream.Source], node, depth);
        }
        else
        {
            AddPart(_parts[(int)node.Stream.Source - _build.Sources.Count], node, depth);
        }
    }

    private void AddInputs(RelationNode node, int depth)
    {
        foreach (RelationNode input in RelationTree.Inputs(node))
        {
            Add(input, depth + 1);
        }
    }

    private void AddPart(PushedPart part, RelationNode node, int depth)
    {
        Line(depth, "on each shard", node);
        _part = part;
        Add(part.Root, depth + 1);
        _part = null;
    }

    private void AddSource(RelationSourceTemplate source, RelationNode node, int depth)
    {
        if (source.Access(_context) is not { } access)
        {
            Line(depth, $"scan {source.Virtual!.FullName}", node);
            return;
        }

        string filter = access.Filter.IsEmpty ? string.Empty : " [filter]";
        Line(depth, $"scan {access.VisitedName}{(access.IsLookUp ? ", then rows by their keys" : string.Empty)}", node);
        foreach (ShardAccess shard in access.Shards)
        {
            string what = shard.Ranges.Count > 0
                ? "range"
                : string.Create(CultureInfo.InvariantCulture, $"{shard.Keys.Count} keys");
            bool isCopied = _part is not null && access.Table.Placement == Catalogs.PlacementKind.Reference;
            string where = isCopied ? "each shard's copy" : $"{shard.Shard} leader {_context.LeaderOf(shard.Shard)}";
            Line(depth + 1, $"{what} -> {where}{filter}");
        }
    }

    private string Describe(RelationNode node) => node.KindCase switch
    {
        RelationNode.KindOneofCase.Values => "values",
        RelationNode.KindOneofCase.Filter => "filter " + Print(node.Filter.Condition),
        RelationNode.KindOneofCase.Project => "project",
        RelationNode.KindOneofCase.Join => DescribeJoin(node.Join),
        RelationNode.KindOneofCase.Aggregate => DescribeAggregate(node.Aggregate),
        RelationNode.KindOneofCase.Distinct => "distinct",
        RelationNode.KindOneofCase.Sort => node.Sort.Keep is null ? "sort" : "top",
        RelationNode.KindOneofCase.Limit => "limit",
        RelationNode.KindOneofCase.SetOperation => DescribeSet(node.SetOperation),
        RelationNode.KindOneofCase.Apply => "queries inside of expressions",
        RelationNode.KindOneofCase.Window => "window",
        RelationNode.KindOneofCase.Shared => string.Create(
            CultureInfo.InvariantCulture, $"common table {node.Shared.Index + 1} of {_plan.Shared.Count}"),
        RelationNode.KindOneofCase.Recursive => "recursion",
        RelationNode.KindOneofCase.Working => "rows of the last round",
        _ => node.Spool.Keys.Count > 0 ? "keep by key" : "keep",
    };

    private string DescribeJoin(JoinNode join)
    {
        string kind = join.Kind.ToString().ToLowerInvariant();
        return join.LeftKeys.Count == 0 ? $"nested loop join ({kind})"
            : join.LooksUp ? $"join ({kind}) by look-ups {LookedUpBy(join)} in batches, or by hash"
            : $"hash join ({kind})";
    }

    private string LookedUpBy(JoinNode join) =>
        join.Right.KindCase == RelationNode.KindOneofCase.Stream && join.Right.Stream.Source < _build.Sources.Count
        && _build.Sources[(int)join.Right.Stream.Source].AskedBy is { } index
            ? $"by {(index.IsGlobal ? "global" : "local")} index {index.Name}"
            : "of keys";

    private static string DescribeAggregate(AggregateNode node)
    {
        string name = node.Aggregation.Groups.Count > 0 ? "group" : "aggregate";
        return node.Merges ? name + " of the partials"
            : node.Aggregation.Partial ? name + " partially"
            : name;
    }

    private static string DescribeSet(SetOperationNode set)
    {
        string name = set.Operator switch
        {
            SetOperator.Union => "union",
            SetOperator.Except => "except",
            _ => "intersect",
        };
        return set.All ? name + " all" : name;
    }

    private static string Print(Google.Protobuf.ByteString condition) =>
        ExpressionPrinter.Print(Expression.Parser.ParseFrom(condition));

    private void Line(int depth, string text, RelationNode? node = null) =>
        _lines.Add(new ExplainLine(new string(' ', 2 * depth) + text) { Operator = node });
}
