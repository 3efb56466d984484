using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>The names by which expressions reach the columns of a row.</summary>
internal interface IRowNames
{
    /// <summary>The value of a named column; null where the names have none, 42702 where they have several.</summary>
    Expression? Find(ExpressionNode column);

    /// <summary>The error of a name that nobody knows.</summary>
    SqlException Unknown(ExpressionNode column);
}
