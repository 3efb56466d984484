using System;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>
/// A relational operator at work: gives its rows one by one to who pulls, and keeps its place when it has to wait. A
/// row that was given belongs to who took it and is not changed any more.
/// </summary>
internal abstract class Operator
{
    /// <summary>The operator itself, behind one that only counts.</summary>
    public virtual Operator Itself => this;

    /// <summary>The next row.</summary>
    public abstract PullState Pull(out SqlValue[] row);

    /// <summary>Begins again, with what the slots hold now.</summary>
    public abstract void Rewind();

    /// <summary>Asks early for what will be read in any case, so that shards work while others are waited for.</summary>
    public virtual void Start()
    {
    }

    /// <summary>The operator of a node.</summary>
    public static Operator Of(RelationNode node, RelationContext context) => context.Counts is { } counts
        ? new CountingOperator(Make(node, context), node, counts)
        : Make(node, context);

    private static Operator Make(RelationNode node, RelationContext context) => node.KindCase switch
    {
        RelationNode.KindOneofCase.Stream => new StreamOperator(node.Stream, context),
        RelationNode.KindOneofCase.Values => new ValuesOperator(node.Values, context),
        RelationNode.KindOneofCase.Filter => new FilterOperator(node.Filter, context),
        RelationNode.KindOneofCase.Project => new ProjectOperator(node.Project, context),
        RelationNode.KindOneofCase.Join => new JoinOperator(node.Join, context),
        RelationNode.KindOneofCase.Aggregate => new AggregateOperator(node.Aggregate, context),
        RelationNode.KindOneofCase.Distinct => new DistinctOperator(node.Distinct, context),
        RelationNode.KindOneofCase.Sort => new SortOperator(node.Sort, context),
        RelationNode.KindOneofCase.Limit => new LimitOperator(node.Limit, context),
        RelationNode.KindOneofCase.SetOperation => new SetOperator(node.SetOperation, context),
        RelationNode.KindOneofCase.Apply => new ApplyOperator(node.Apply, context),
        RelationNode.KindOneofCase.Window => new WindowOperator(node.Window, context),
        RelationNode.KindOneofCase.Shared => new SharedOperator(context.SharedAt((int)node.Shared.Index)),
        RelationNode.KindOneofCase.Recursive => new RecursiveOperator(node.Recursive, context),
        RelationNode.KindOneofCase.Working => new WorkingOperator(node.Working.Id, context),
        RelationNode.KindOneofCase.Spool => new SpoolOperator(node.Spool, context),
        _ => throw new InvalidOperationException("an operator of an unknown kind"),
    };
}
