using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Planning;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Planning;

/// <summary>A list that is one parameter means what its items mean, written one by one.</summary>
public sealed class ParameterListTests
{
    private const string Lists = "l";

    public static TheoryData<string, bool> Statements => new()
    {
        { "SELECT id FROM a WHERE id IN (@l) ORDER BY id", false },
        { "SELECT id FROM a WHERE id NOT IN (@l) ORDER BY id", false },
        { "SELECT id FROM a WHERE n = ANY (@l) ORDER BY id", false },
        { "SELECT id, n IN (@l) FROM a ORDER BY id", false },
        { "SELECT n IN (@l) AS x, count(*) FROM a GROUP BY n IN (@l) ORDER BY 1", false },
        { "SELECT count(*) FILTER (WHERE n IN (@l)) FROM a", false },
        { "SELECT id FROM a WHERE id IN (3, @l) AND n > 2 ORDER BY id", false },
        { "SELECT a.id, b.id FROM a JOIN a b ON b.n = a.id WHERE a.id IN (@l) ORDER BY 1, 2", false },
        { "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM o WHERE o.c = a.id AND o.c IN (@l)) ORDER BY id", false },
        { "SELECT id FROM a WHERE big IN (@l) OR 2 IN (@l) ORDER BY id", false },
        { "SELECT c, k FROM o WHERE c IN (@l) AND k = 1 ORDER BY c, k", false },
        { "SELECT id FROM a WHERE s IN (@l) ORDER BY id", true },
        { "SELECT id FROM a WHERE s <> ALL (@l) ORDER BY id", true },
        { "UPDATE a SET n = 1 WHERE id IN (@l) RETURNING id", false },
        { "DELETE FROM o WHERE c IN (@l) RETURNING c, k", false },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public void Statement_withAList_givesWhatItsItemsGive(string text, bool isText)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            var random = new Prng((ulong)seed);
            SqlValue[] items = [.. Enumerable.Range(0, 1 + random.Next(14)).Select(_ => Item(random, isText))];
            SqlKind kind = isText ? SqlKind.Text : SqlKind.Int32;
            foreach (int shards in (int[])[1, 4])
            {
                MemoryDatabase database = Database(shards);
                MemoryDatabase other = Database(shards);
                string[] folded = Sorted(database, text, kind, items);
                string list = string.Join(", ", items.Select(Literal));
                string[] written = [.. other.Text(text.Replace("ANY (@l", $"ANY (({list})", StringComparison.Ordinal)
                    .Replace("ALL (@l", $"ALL (({list})", StringComparison.Ordinal)
                    .Replace("@l", list, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
                Assert.True(written.SequenceEqual(folded), $"seed {seed}, {shards} shards: {string.Join(" ", folded)} for {string.Join(" ", written)}");
            }
        }
    }

    [Fact]
    public void List_ofAThousandItems_isReadByItsKeys()
    {
        MemoryDatabase database = Database(4);
        SqlValue[] items = [.. Enumerable.Range(0, 1_000).Select(i => SqlValue.FromInt32(i * 3))];
        Assert.Equal(7, Sorted(database, "SELECT id FROM a WHERE id IN (@l)", SqlKind.Int32, items).Length);
        Assert.True(database.LastPlan.IsByKey);
    }

    [Theory]
    [InlineData("SELECT @l")]
    [InlineData("SELECT id FROM a WHERE id = @l")]
    [InlineData("SELECT id FROM a WHERE @l IN (1, 2)")]
    [InlineData("SELECT id FROM a WHERE id IN (@l + 1)")]
    [InlineData("SELECT upper(@l)")]
    [InlineData("SELECT id FROM a LIMIT @l")]
    [InlineData("SELECT id FROM a WHERE (id, n) IN ((@l, 1))")]
    [InlineData("SELECT CAST(@l AS text)")]
    public void List_elsewhere_isNotTakenByTheParserNorFromTheNetwork(string text)
    {
        Assert.Null(SqlParser.ParseWithLists(text, new Dictionary<string, SqlKind> { [Lists] = SqlKind.Int32 }));
        Statement forged = SqlParser.Parse(text).Statements.Single();
        foreach (ExpressionNode node in Nodes(forged.Select))
        {
            node.Flag = true;
            node.Type = SqlType.Int32.ToMessage();
        }

        SqlException error = Assert.Throws<SqlException>(() => Database(2).Run(Planner.Plan(
            forged, Database(2).Context((Lists, ParameterList.Encode([SqlValue.FromInt32(1)]))))));
        Assert.NotEqual(SqlStates.InternalError, error.SqlState);
    }

    [Fact]
    public void List_ofOtherBytes_isAnError()
    {
        Statement statement = Parse("SELECT id FROM a WHERE n IN (@l)", SqlKind.Int32);
        SqlValue[] wrong =
        [
            SqlValue.FromBytes([]), SqlValue.FromBytes([200, 1]), SqlValue.FromInt32(1),
            ParameterList.Encode([SqlValue.FromText("x")]),
            ParameterList.Encode([.. Enumerable.Range(0, SqlLimits.MaxInItems + 1).Select(SqlValue.FromInt32)]),
        ];
        foreach (SqlValue value in wrong)
        {
            MemoryDatabase database = Database(2);
            Assert.Throws<SqlException>(() => { database.Run(Planner.Plan(statement, database.Context((Lists, value)))); });
        }
    }

    private static string[] Sorted(MemoryDatabase database, string text, SqlKind kind, SqlValue[] items)
    {
        List<SqlValue[]> rows = database.Run(
            Planner.Plan(Parse(text, kind), database.Context((Lists, ParameterList.Encode(items)))));
        return [.. rows.Select(row => string.Join('|', row.Select(v => v.ToText()))).Order(StringComparer.Ordinal)];
    }

    // The parser takes a list once; a statement that names it twice is made of one that does not.
    private static Statement Parse(string text, SqlKind kind)
    {
        Statement statement = SqlParser.Parse(text).Statements.Single();
        foreach (ExpressionNode node in Nodes(statement))
        {
            node.Flag = true;
            node.Type = new SqlType(kind).ToMessage();
        }

        return statement;
    }

    private static IEnumerable<ExpressionNode> Nodes(Google.Protobuf.IMessage message)
    {
        if (message is ExpressionNode { Op: ExpressionOp.Parameter } node)
        {
            yield return node;
        }

        foreach (Google.Protobuf.Reflection.FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object? value = field.Accessor.GetValue(message);
            IEnumerable<Google.Protobuf.IMessage> inner = value switch
            {
                Google.Protobuf.IMessage one => [one],
                System.Collections.IEnumerable many and not string => many.OfType<Google.Protobuf.IMessage>(),
                _ => [],
            };
            foreach (ExpressionNode found in inner.SelectMany(Nodes))
            {
                yield return found;
            }
        }
    }

    private static MemoryDatabase Database(int shards)
    {
        var database = new MemoryDatabase(shards) { SliceRows = 3 };
        database.Run("CREATE TABLE a (id int PRIMARY KEY, n int, big bigint, s text)");
        database.Run("CREATE TABLE o (c int, k int, PRIMARY KEY (c, k)) SHARD BY RANGE (c) SPLIT AT VALUES (5), (12)");
        for (int i = 0; i < 20; i++)
        {
            string n = i % 5 == 0 ? "NULL" : (i % 7).ToString(CultureInfo.InvariantCulture);
            database.Run($"INSERT INTO a VALUES ({i}, {n}, {i % 9}, '{(char)('a' + (i % 6))}')");
            database.Run($"INSERT INTO o VALUES ({i}, {i % 2})");
        }

        return database;
    }

    private static SqlValue Item(Prng random, bool isText) => random.Next(8) == 0
        ? SqlValue.NullOf(isText ? SqlKind.Text : SqlKind.Int32)
        : isText ? SqlValue.FromText(((char)('a' + random.Next(8))).ToString()) : SqlValue.FromInt32(random.Next(24));

    private static string Literal(SqlValue value) => value.IsNull
        ? "NULL" : value.Kind == SqlKind.Text ? $"'{value.ToText()}'" : value.ToText();
}
