using System.Buffers;
using System.Linq;

using Google.Protobuf;

using ShardSql.Protocol;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Messages;
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
    public void Trunc_to_more_digits_than_there_are_pads_as_round_does() => Assert.Equal(
        ["1.0|1.00|-1.25|120"], NewDatabase().Text("SELECT trunc(1.0, 1), trunc(CAST(1 AS decimal), 2), trunc(-1.259, 2), trunc(129.5, -1)"));

    [Theory]
    [InlineData("INSERT INTO k VALUES (1, 1, 20) ON CONFLICT DO NOTHING")]
    [InlineData("INSERT INTO k VALUES (1, 1, 20) ON CONFLICT (id) DO UPDATE SET v = 3")]
    [InlineData("INSERT INTO k SELECT id, a, 20 FROM t ON CONFLICT DO NOTHING")]
    [InlineData("INSERT INTO l VALUES (1, 20) ON CONFLICT DO NOTHING")]
    [InlineData("INSERT INTO l VALUES (1, 20) ON CONFLICT (id) DO UPDATE SET v = 3")]
    public void Row_that_a_check_refuses_is_an_error_even_where_one_is_in_its_way(string text)
    {
        MemoryDatabase database = NewDatabase();
        database.Run("CREATE TABLE k (id int PRIMARY KEY, u int UNIQUE, v int, CHECK (v < 10))");
        database.Run("CREATE TABLE l (id int PRIMARY KEY, v int, CHECK (v < 10))");
        database.Run("INSERT INTO t VALUES (1, 1); INSERT INTO k VALUES (1, 1, 1); INSERT INTO l VALUES (1, 1)");

        Assert.Equal(SqlStates.CheckViolation, database.Fails(text).SqlState);
        Assert.Equal(["1"], database.Text("SELECT v FROM k"));
    }

    [Fact]
    public void Statement_with_16384_parameters_runs_at_the_shards()
    {
        MemoryDatabase database = NewDatabase();
        database.Run("INSERT INTO t VALUES (1, 5), (2, 6)");
        (string, SqlValue)[] parameters = [.. Enumerable.Range(0, 16_384).Select(i => ($"p{i}", SqlValue.FromInt32(i)))];

        Assert.Equal(["2"], database.Text("SELECT id FROM t WHERE a > @p5", parameters));
    }

    [Fact]
    public void Message_on_which_protobufs_parser_fails_itself_is_invalid_argument()
    {
        int refused = 0;
        byte[] good = new NodeFrame { Hello = new PeerHello { NodeId = 7, Address = "127.0.0.1:7501" } }.ToByteArray();
        for (int input = 0; input < 20_000; input++)
        {
            byte[] bytes = ByteMutator.Mutate(FuzzRun.For(input), good, good);
            try
            {
                MessageFraming.Parse(NodeFrame.Parser, new ReadOnlySequence<byte>(bytes));
            }
            catch (GrpcException malformed)
            {
                Assert.Equal(GrpcStatusCode.InvalidArgument, malformed.StatusCode);
                refused++;
            }
        }

        Assert.True(refused > 1_000, $"{refused} refused");
    }

    private static MemoryDatabase NewDatabase()
    {
        var database = new MemoryDatabase(3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY, a int)");
        return database;
    }
}
