using System.Collections.Generic;
using ShardSql.Sql.Expressions;

namespace ShardSql.Planning.Queries;

/// <summary>The visible columns of a table under their places in its rows, which hold hidden columns too.</summary>
internal sealed class TableScope : IExpressionScope
{
    private readonly RowScope _visible;
    private readonly IReadOnlyList<int> _ordinals;

    public TableScope(IReadOnlyList<ScopeColumn> visible, IReadOnlyList<int> ordinals)
    {
        _visible = new RowScope(visible);
        _ordinals = ordinals;
    }

    /// <inheritdoc />
    public ColumnBinding Resolve(string schema, string qualifier, string name, int position)
    {
        ColumnBinding found = _visible.Resolve(schema, qualifier, name, position);
        return found with { Ordinal = _ordinals[found.Ordinal] };
    }
}
