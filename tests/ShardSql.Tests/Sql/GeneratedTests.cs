using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class GeneratedTests
{
    private const int Mutations = 50_000;

    private static readonly string[] s_corpus =
    [
        "SELECT a, b AS \"B\", t.*, count(*) FROM t WHERE a = @id AND b IN (@x1, @x2) GROUP BY a ORDER BY 1 DESC LIMIT 5",
        "INSERT INTO t (a, b) VALUES (1, 'x''y'), (-2.5e3, DEFAULT) RETURNING a; SELECT 1",
        "UPDATE t SET a = a + 1 WHERE NOT (b BETWEEN 1 AND 2) OR c IS NOT NULL -- end",
        "DELETE FROM t WHERE a LIKE '%x\\_' ESCAPE '!' AND b IS DISTINCT FROM NULL /* c */",
        "CREATE TABLE IF NOT EXISTS t (a bigint PRIMARY KEY, b decimal(10,2) CHECK (b > 0)) SHARD BY HASH (a) INTO 8 SEGMENTS",
        "SELECT CASE a WHEN 1 THEN X'ff' ELSE CAST(b AS text) END, DATE '2024-01-01', E'\\n', [x y], (1, 2) < (3, 4)",
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SET TRANSACTION TYPE 'a'; EXPLAIN (JSON) SELECT 1; SHOW SEGMENTS FROM TABLE t; SET a = 'b'; COMMIT",
        "ALTER TABLE t ENABLE SPILLOVER ON (a) FOR KEYS ((1), (@k)) WITH (n = 8); MERGE SPILLOVER FOR TABLE t KEY (1)",
    ];

    [Fact]
    public void Printed_random_expressions_parse_to_themselves()
    {
        var random = new Prng(2024);
        for (int i = 0; i < 3_000; i++)
        {
            var tree = new Expression();
            Grow(random, tree.Nodes, 4);
            string text = ExpressionPrinter.Print(tree);
            Expression parsed = SqlTestHelp.ParseExpression(text);
            foreach (ExpressionNode node in parsed.Nodes)
            {
                node.Position = 0;
            }

            Assert.True(tree.Equals(parsed), $"{text}\n{tree}\n{parsed}");
        }
    }

    [Fact]
    public void Random_expressions_evaluate_alike_after_a_round_trip_or_fail_alike()
    {
        var random = new Prng(77);
        int evaluated = 0;
        var parameters = new ParameterSet([new("p", SqlType.Int32), new("q", SqlType.Null)]);
        var scope = new RowScope(
            [new ScopeColumn("t", "a", SqlType.Int32, true), new ScopeColumn("t", "b c", SqlType.Text, true)]);
        SqlValue[] row = [SqlValue.FromInt32(3), SqlValue.FromText("x")];
        SqlValue[] values = [SqlValue.FromInt32(4), SqlValue.Null];
        for (int i = 0; i < 5_000; i++)
        {
            var tree = new Expression();
            Grow(random, tree.Nodes, 3);
            string first = Outcome(() => ExpressionBinder.Bind(tree, scope, parameters), row, values);
            string second = Outcome(
                () => BoundExpression.FromMessage(ExpressionBinder.Bind(tree, scope, parameters).ToMessage()),
                row,
                values);
            Assert.Equal(first, second);
            evaluated += first.StartsWith("error", StringComparison.Ordinal) ? 0 : 1;
        }

        Assert.InRange(evaluated, 200, 5_000);
    }

    [Fact]
    public void Mutated_text_gives_a_batch_or_a_SqlException()
    {
        var random = new Prng(42);
        int parsed = 0;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < Mutations; i++)
        {
            string text = Mutate(random, s_corpus[random.Next(s_corpus.Length)]);
            try
            {
                parsed += SqlParser.Parse(text).Statements.Count > 0 ? 1 : 0;
            }
            catch (SqlException e)
            {
                Assert.Equal(5, e.SqlState.Length);
                Assert.NotEqual(SqlStates.InternalError, e.SqlState);
            }
        }

        Assert.InRange(parsed, Mutations / 50, Mutations);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Hostile_strings_as_values_and_names_stay_values_and_names()
    {
        var random = new Prng(9);
        for (int i = 0; i < 1_000; i++)
        {
            string hostile = string.Concat(Enumerable.Range(0, 1 + random.Next(8)).Select(_ =>
                new[] { "'", "\"", ";", "--", "/*", "\\", "]", "@x", " OR 1=1", "DROP TABLE t", "é", "\n" }[random.Next(12)]));
            Expression literal = SqlTestHelp.ParseExpression(ExpressionPrinter.Quote(SqlValue.FromText(hostile)));
            Assert.Equal(hostile, ValueCodec.FromBytes(Assert.Single(literal.Nodes).Literal.Span).AsText());
            if (Encoding.UTF8.GetByteCount(hostile) <= SqlLimits.MaxIdentifierBytes)
            {
                Expression name = SqlTestHelp.ParseExpression(ExpressionPrinter.Quote(hostile));
                Assert.Equal(hostile, Assert.Single(name.Nodes).Name);
            }
        }
    }

    private static string Outcome(Func<BoundExpression> bind, SqlValue[] row, SqlValue[] values)
    {
        try
        {
            BoundExpression bound = bind();
            return $"{bound.Type} {bound.Evaluate(row, values)}";
        }
        catch (SqlException e)
        {
            return "error " + e.SqlState;
        }
    }

    private static string Mutate(Prng random, string text)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(text)];
        int changes = 1 + random.Next(4);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when bytes.Count > 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)"'\"([)];@-*/.,0aE\\"[random.Next(17)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(6), bytes.Count - at - 1));
                    break;
                default:
                    int from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(12), bytes.Count - from)));
                    break;
            }
        }

        // Latin-1 keeps the bytes as characters, now and then the text is decoded with its replacement characters.
        return random.Next(2) == 0 ? Encoding.Latin1.GetString([.. bytes]) : Encoding.UTF8.GetString([.. bytes]);
    }

    private static void Grow(Prng random, IList<ExpressionNode> nodes, int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
        {
            nodes.Add(Leaf(random));
            return;
        }

        (ExpressionOp op, int children) = random.Next(12) switch
        {
            0 => (random.Next(2) == 0 ? ExpressionOp.And : ExpressionOp.Or, random.Next(2, 5)),
            1 => ((ExpressionOp)random.Next((int)ExpressionOp.Add, (int)ExpressionOp.Concat + 1), random.Next(2, 4)),
            2 => (ExpressionOp.Not, 1),
            3 => ((ExpressionOp)random.Next((int)ExpressionOp.IsNull, (int)ExpressionOp.IsNotFalse + 1), 1),
            4 => (ExpressionOp.Cast, 1),
            5 => ((ExpressionOp)random.Next((int)ExpressionOp.Equal, (int)ExpressionOp.IsNotDistinctFrom + 1), 2),
            6 => ((ExpressionOp)random.Next((int)ExpressionOp.Like, (int)ExpressionOp.NotIlike + 1), random.Next(2, 4)),
            7 => (random.Next(2) == 0 ? ExpressionOp.Between : ExpressionOp.NotBetween, 3),
            8 => (random.Next(2) == 0 ? ExpressionOp.In : ExpressionOp.NotIn, random.Next(2, 5)),
            9 => (ExpressionOp.Case, random.Next(2, 6)),
            10 => (random.Next(2) == 0 ? ExpressionOp.Coalesce : ExpressionOp.Nullif, 2),
            _ => (ExpressionOp.Function, 2),
        };
        var node = new ExpressionNode { Op = op, Children = (uint)children };
        for (int i = 0; i < children; i++)
        {
            // A chain of one operator is one node, so the first child of a chain is never the same operator.
            int before = nodes.Count;
            Grow(random, nodes, depth - 1);
            while (i == 0 && op <= ExpressionOp.Concat && nodes[^1].Op == op)
            {
                while (nodes.Count > before)
                {
                    nodes.RemoveAt(nodes.Count - 1);
                }

                Grow(random, nodes, depth - 1);
            }
        }

        node.Flag = op == ExpressionOp.Case && children >= 3 && random.Next(2) == 0;
        node.Name = op == ExpressionOp.Function ? "left" : string.Empty;
        node.Type = op == ExpressionOp.Cast
            ? new[] { SqlType.Int32, SqlType.Varchar(3), SqlType.DecimalOf(9, 3), SqlType.Double }[random.Next(4)].ToMessage()
            : null;
        nodes.Add(node);
    }

    private static ExpressionNode Leaf(Prng random)
    {
        switch (random.Next(4))
        {
            case 0:
                return new ExpressionNode
                {
                    Op = ExpressionOp.Column,
                    Name = random.Next(2) == 0 ? "a" : "b c",
                    Qualifier = random.Next(2) == 0 ? "t" : string.Empty,
                };
            case 1:
                return new ExpressionNode { Op = ExpressionOp.Parameter, Name = random.Next(2) == 0 ? "p" : "q" };
            default:
                var kind = (SqlKind)random.Next(0, (int)SqlKind.Json + 1);
                SqlValue value = kind == SqlKind.Null ? SqlValue.Null : SqlTestHelp.RandomValue(random, kind);
                if (kind == SqlKind.Text && value.AsText().Contains('\0', StringComparison.Ordinal))
                {
                    value = SqlValue.FromText("n");
                }

                return new ExpressionNode
                {
                    Op = ExpressionOp.Literal,
                    Literal = Google.Protobuf.ByteString.CopyFrom(ValueCodec.ToBytes(value)),
                };
        }
    }
}
