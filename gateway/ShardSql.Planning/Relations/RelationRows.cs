using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// The rows of a bound query. Its operators are made when they are first asked for; until then it takes conditions of the
/// query around it, which hold back rows where they are read.
/// </summary>
internal abstract class RelationRows
{
    private RelationNode? _node;

    /// <summary>The operators: always the same node.</summary>
    public RelationNode Node => _node ??= Build();

    /// <summary>Whether a condition over its columns may be tried below what computes them: the rows that it lets pass are
    /// the same then.</summary>
    public virtual bool Takes(Expression condition) => false;

    /// <summary>Keeps only the rows for which a condition is true that it takes.</summary>
    public void Add(Expression condition)
    {
        Invariant.Check(_node is null, "Conditions are added before the operators are made.");
        Put(condition);
    }

    /// <summary>Makes the operators.</summary>
    protected abstract RelationNode Build();

    /// <summary>Puts a condition where it belongs.</summary>
    protected virtual void Put(Expression condition) => Invariant.Check(false, "These rows take no conditions.");
}
