using System.Linq;

using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;

using Xunit;

namespace ShardSql.Tests.Fuzz;

/// <summary>What the fuzz has found, each in its smallest form.</summary>
public sealed class FuzzFindsTests
{
    [Theory]
    [InlineData("SELECT {0}")]
    [InlineData("SELECT {0} FROM t")]
    [InlineData("SELECT 1 FROM t GROUP BY {0}")]
    [InlineData("SELECT count(*) FROM t GROUP BY id ORDER BY {0}")]
    [InlineData("INSERT INTO t VALUES (1, 2) RETURNING {0}")]
    public void Result_of_too_many_columns_is_54011(string text)
    {
        string Sql(int n) => string.Format(null, text, string.Join(", ", Enumerable.Repeat("1", n)));

        Assert.NotNull(NewDatabase().Run(Sql(1_600)));
        Assert.Equal(
            SqlStates.TooManyColumns, NewDatabase().Fails(Sql(SqlLimits.MaxResultColumns + 1)).SqlState);
    }

    [Fact]
    public void Statement_with_16384_parameters_runs_at_the_shards()
    {
        MemoryDatabase database = NewDatabase();
        database.Run("INSERT INTO t VALUES (1, 5), (2, 6)");
        (string, SqlValue)[] parameters = [.. Enumerable.Range(0, 16_384).Select(i => ($"p{i}", SqlValue.FromInt32(i)))];

        Assert.Equal(["2"], database.Text("SELECT id FROM t WHERE a > @p5", parameters));
    }

    private static MemoryDatabase NewDatabase()
    {
        var database = new MemoryDatabase(3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY, a int)");
        return database;
    }
}
