using Xunit;

namespace ShardSql.Tests.Fuzz;

/// <summary>A test that needs PostgreSQL on the machine.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (PostgresOnSocket.Programs is null)
        {
            Skip = "PostgreSQL is not installed: apt-get install postgresql";
        }
    }
}
