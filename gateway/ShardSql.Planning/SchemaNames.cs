using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning;

/// <summary>Schemas: users' tables have none (or <c>public</c>), system tables live in <c>shard</c> and
/// <c>information_schema</c>.</summary>
internal static class SchemaNames
{
    /// <summary>The schema of users' tables.</summary>
    public const string Public = "public";

    /// <summary>Refuses every schema but that of users' tables.</summary>
    public static void RequireUserSchema(TableName table)
    {
        if (IsSystem(table))
        {
            throw new SqlException(
                SqlStates.InsufficientPrivilege,
                $"\"{table.Schema}.{table.Name}\" is a system table: it can only be read",
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

    /// <summary>Whether the name is that of a table of the system.</summary>
    public static bool IsSystem(TableName table) => table.Schema is VirtualTables.Schema or InformationSchema.Schema;
}
