using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning;

/// <summary>Schemas: users' tables have none (or <c>public</c>), virtual tables live in <c>shard</c>.</summary>
internal static class SchemaNames
{
    /// <summary>The schema of the virtual tables.</summary>
    public const string Virtual = "shard";

    private const string Public = "public";

    /// <summary>Refuses every schema but that of users' tables.</summary>
    public static void RequireUserSchema(TableName table)
    {
        if (table.Schema == Virtual)
        {
            throw new SqlException(
                SqlStates.InsufficientPrivilege,
                $"\"{Virtual}.{table.Name}\" is a system table: it can only be read",
                (int)table.Position);
        }

        if (!IsUser(table))
        {
            throw new SqlException(
                SqlStates.UnknownSchema, $"schema \"{table.Schema}\" does not exist", (int)table.Position);
        }
    }

    /// <summary>Whether the name is that of a user's table.</summary>
    public static bool IsUser(TableName table) => table.Schema.Length == 0 || table.Schema == Public;
}
