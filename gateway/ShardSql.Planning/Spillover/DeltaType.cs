using System.Globalization;
using System.Text;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>The type of the transaction that writes a delta (sharding.md §4): what it said, else the form of the statement,
/// whatever the values in it and wherever it stands.</summary>
/// <param name="Hash">What tells types apart.</param>
/// <param name="Said">What SET TRANSACTION TYPE said; null: nothing.</param>
internal readonly record struct DeltaType(ulong Hash, string? Said)
{
    /// <summary>The type that a transaction said.</summary>
    public static DeltaType Of(string said) => new(HashOf(said), said);

    /// <summary>The type where nothing is said.</summary>
    public static DeltaType Of(Update update)
    {
        ulong hash = HashOf(update.Table.Table.Name);
        foreach (Assignment assignment in update.Assignments)
        {
            hash = Combine(Hash64.Combine(hash, HashOf(assignment.Column.Name)), assignment.Value);
        }

        return new DeltaType(update.Where is { } where ? Combine(hash, where) : hash, null);
    }

    /// <summary>As EXPLAIN shows it.</summary>
    public override string ToString() => Said is null
        ? "of statement " + Hash.ToString("x16", CultureInfo.InvariantCulture)[..8]
        : ExpressionPrinter.Quote(SqlValue.FromText(Said));

    private static ulong Combine(ulong hash, Expression expression)
    {
        foreach (ExpressionNode node in expression.Nodes)
        {
            bool isValue = node.Op is ExpressionOp.Literal or ExpressionOp.Parameter;
            hash = Hash64.Combine(hash, isValue ? 0 : ((ulong)node.Op << 32) | node.Children);
            hash = node.Op == ExpressionOp.Column ? Hash64.Combine(hash, HashOf(node.Name)) : hash;
        }

        return hash;
    }

    private static ulong HashOf(string text) => Hash64.Compute(Encoding.UTF8.GetBytes(text));
}
