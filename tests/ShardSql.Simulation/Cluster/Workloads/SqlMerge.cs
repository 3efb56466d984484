using System.Threading.Tasks;

using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>What an UPDATE of the column by itself does is what a merge does, which need not take the range of the deltas.</summary>
internal sealed class SqlMerge(string table, string column, int id, bool takesNoRange) : SqlProgram($"SQL {table} merged")
{
    public override async Task RunAsync(SqlTransaction transaction)
    {
        await transaction.RunAsync($"UPDATE {table} SET {column} = {column} WHERE id = @id", ("id", SqlValue.FromInt32(id)));
        if (takesNoRange)
        {
            transaction.ForgetRanges(table);
        }
    }
}
