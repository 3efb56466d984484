namespace ShardSql.Sql.Expressions;

/// <summary>Where an expression finds its columns.</summary>
public interface IExpressionScope
{
    /// <summary>
    /// The column of a name; schema and qualifier are empty where none was written. Throws 42703 with the nearest name
    /// when there is none, 42702 when there are several, 42P01 when nothing has the qualifier.
    /// </summary>
    ColumnBinding Resolve(string schema, string qualifier, string name, int position);
}
