using System.Data.Common;

namespace ShardSql.Data;

/// <summary>Fills DataSets and DataTables.</summary>
public sealed class ShardSqlDataAdapter : DbDataAdapter
{
    /// <summary>An adapter without commands.</summary>
    public ShardSqlDataAdapter()
    {
    }

    /// <summary>An adapter that fills from a command.</summary>
    public ShardSqlDataAdapter(ShardSqlCommand selectCommand) => SelectCommand = selectCommand;

    /// <summary>An adapter that fills from a query.</summary>
    public ShardSqlDataAdapter(string selectCommandText, ShardSqlConnection connection)
        : this(new ShardSqlCommand(selectCommandText, connection))
    {
    }
}
