using System;
using System.Linq;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

/// <summary>Statements on spillover.</summary>
public sealed class SpilloverParserTests
{
    [Theory]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (balance)", AlterKind.EnableSpillover, "balance", "", "")]
    [InlineData(
        "ALTER TABLE IF EXISTS s.t ENABLE SPILLOVER ON (a, \"B\") FOR KEYS ((1, 'x'), (@k, 'y')) WITH (policy = 'sum', n = @n)",
        AlterKind.EnableSpillover, "a B", "1 'x', @k 'y'", "policy='sum' n=@n")]
    [InlineData("alter table t enable spillover on (a) with (n = 8)", AlterKind.EnableSpillover, "a", "", "n=8")]
    [InlineData("ALTER TABLE t ALTER SPILLOVER ON (a)", AlterKind.AlterSpillover, "a", "", "")]
    [InlineData("ALTER TABLE t ALTER SPILLOVER FOR KEYS ((42))", AlterKind.AlterSpillover, "", "42", "")]
    [InlineData(
        "ALTER TABLE t ALTER SPILLOVER WITH (trigger = 'manual', bound = -1)",
        AlterKind.AlterSpillover, "", "", "trigger='manual' bound=-1")]
    [InlineData("ALTER TABLE t DISABLE SPILLOVER", AlterKind.DisableSpillover, "", "", "")]
    public void Parse_of_ALTER_TABLE_and_of_its_EXPLAIN(string text, AlterKind kind, string columns, string keys, string options)
    {
        foreach (AlterTable alter in new[]
        {
            SqlTestHelp.ParseOne(text).AlterTable, SqlTestHelp.ParseOne("EXPLAIN " + text).Explain.Statement.AlterTable,
        })
        {
            AlterAction action = Assert.Single(alter.Actions);
            Assert.Equal(("t", kind), (alter.Table.Name, action.Kind));
            Assert.Equal(text.Contains("IF EXISTS", StringComparison.Ordinal), alter.IfExists);
            Assert.Equal(columns, string.Join(' ', action.Spillover.Columns.Select(c => c.Name)));
            Assert.Equal(keys, string.Join(", ", action.Spillover.Keys.Select(Print)));
            Assert.Equal(
                options, string.Join(' ', action.Spillover.Options.Select(o => $"{o.Name}={ExpressionPrinter.Print(o.Value)}")));
        }
    }

    [Fact]
    public void Parse_keeps_places_and_parameters()
    {
        ParsedBatch batch = SqlParser.Parse(
            "ALTER TABLE t ENABLE SPILLOVER ON (a) FOR KEYS ((@k)) WITH (n = @n); MERGE SPILLOVER FOR TABLE t KEY (@m)");
        Assert.Equal(["k", "n", "m"], batch.ParameterNames);
        AlterAction action = batch.Statements[0].AlterTable.Actions[0];
        Assert.Equal(
            (15u, 36u, 49u, 61u),
            (action.Position, action.Spillover.Columns[0].Position, action.Spillover.Keys[0].Position,
                action.Spillover.Options[0].Position));
        MergeSpillover merge = batch.Statements[1].MergeSpillover;
        Assert.Equal((96u, 102u), (merge.Table.Position, merge.Key.Position));
    }

    [Theory]
    [InlineData("MERGE SPILLOVER FOR TABLE t", "t", null)]
    [InlineData("merge spillover for table s.t key (1, @a)", "s.t", "1 @a")]
    public void Parse_of_MERGE(string text, string table, string? key)
    {
        MergeSpillover merge = SqlTestHelp.ParseOne(text).MergeSpillover;
        Assert.Equal((table, key), (NameOf(merge.Table), merge.Key is null ? null : Print(merge.Key)));
    }

    [Theory]
    [InlineData("SHOW SPILLOVER", "", null)]
    [InlineData("SHOW SPILLOVER FOR TABLE t", "t", null)]
    [InlineData("SHOW SPILLOVER FOR s.t", "s.t", null)]
    [InlineData("SHOW SPILLOVER FOR TABLE key KEY (1, @a)", "key", "1 @a")]
    public void Parse_of_SHOW_takes_its_clauses(string text, string table, string? key)
    {
        foreach (string prefix in new[] { "", "EXPLAIN " })
        {
            Statement statement = SqlTestHelp.ParseOne(prefix + text + " WHERE pending > 1 ORDER BY slot DESC LIMIT 3 OFFSET 1");
            Show show = statement.Show ?? statement.Explain.Statement.Show;
            Assert.Equal(("spillover", table), (show.What, show.Table is null ? "" : NameOf(show.Table)));
            Assert.Equal(key, show.Row is null ? null : Print(show.Row));
            Assert.Equal("pending > 1", ExpressionPrinter.Print(show.Where));
            Assert.True(Assert.Single(show.OrderBy).Descending);
            Assert.Equal(("3", "1"), (ExpressionPrinter.Print(show.Limit), ExpressionPrinter.Print(show.Offset)));
        }
    }

    [Theory]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER", 31, "ON")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON ()", 36, "a name")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER FOR KEYS ((1))", 32, "ON")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (a) FOR KEYS (1, 2)", 49, "(")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (a) FOR KEYS ()", 49, "(")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (a) FOR KEY (1)", 43, "KEYS")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (a) WITH ()", 45, "a name")]
    [InlineData("ALTER TABLE t ENABLE SPILLOVER ON (a) WITH (n)", 46, "=")]
    [InlineData("ALTER TABLE t ALTER SPILLOVER", 15, "say what to change")]
    [InlineData("ALTER TABLE t DISABLE SPILLOVER ON (a)", 33, "ON")]
    [InlineData("MERGE SPILLOVER", 16, "FOR")]
    [InlineData("MERGE SPILLOVER t", 17, "FOR")]
    [InlineData("MERGE SPILLOVER FOR t", 21, "TABLE")]
    [InlineData("MERGE SPILLOVER FOR TABLE t KEY", 32, "(")]
    [InlineData("MERGE SPILLOVER FOR TABLE t KEY ()", 34, ")")]
    [InlineData("MERGE SPILLOVER FOR TABLE t WITH (n = 1)", 29, "WITH")]
    [InlineData("EXPLAIN MERGE SPILLOVER FOR TABLE t", 15, "SEGMENTS")]
    [InlineData("SHOW SPILLOVER FOR TABLE t KEY 1", 32, "(")]
    [InlineData("SHOW SEGMENTS FROM TABLE t KEY (1)", 28, "SHOW SPILLOVER")]
    [InlineData("SHOW SEGMENT FOR ROW KEY (1)", 22, "SHOW SPILLOVER")]
    public void Parse_of_what_is_not_whole_is_42601_with_its_place(string text, int position, string part)
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.SyntaxError, text);
        Assert.Equal(position, error.Position);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE t ADD a int, ENABLE SPILLOVER ON (a)", 26, "ENABLE SPILLOVER beside other changes")]
    [InlineData("ALTER TABLE t ALTER SPILLOVER ON (a), ALTER SPILLOVER ON (b)", 15, "ALTER SPILLOVER beside other changes")]
    [InlineData("ALTER TABLE t disable spillover, DROP COLUMN a", 15, "DISABLE SPILLOVER beside other changes")]
    [InlineData("ALTER TABLE t ENABLE PREFETCH", 22, "ENABLE PREFETCH")]
    [InlineData("ALTER TABLE t DISABLE PREFETCH", 23, "DISABLE PREFETCH")]
    [InlineData("ALTER TABLE t ENABLE CACHE WITH (mode = 'read')", 22, "ENABLE CACHE")]
    [InlineData("alter table if exists s.t disable cache", 35, "DISABLE CACHE")]
    [InlineData("EXPLAIN ALTER TABLE t ENABLE CACHE", 30, "ENABLE CACHE")]
    [InlineData("ALTER TABLE t ENABLE TRIGGER ALL", 1, "ALTER")]
    [InlineData("MERGE INTO t USING u ON a = b", 1, "MERGE")]
    public void Parse_of_what_we_do_not_have_is_0A000_with_its_place(string text, int position, string what)
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.FeatureNotSupported, text);
        Assert.Equal((position, $"{what} is not supported"), (error.Position, error.Message));
        Assert.False(string.IsNullOrEmpty(error.Hint));
    }

    [Fact]
    public void Parse_of_a_column_named_twice_is_42701() => Assert.Equal(
        39, SqlTestHelp.FailsToParse(SqlStates.DuplicateColumn, "ALTER TABLE t ENABLE SPILLOVER ON (a, A)").Position);

    [Theory]
    [InlineData("ALTER TABLE spillover ALTER spillover SET NOT NULL", AlterKind.SetNotNull)]
    [InlineData("ALTER TABLE enable ALTER spillover DROP DEFAULT", AlterKind.DropDefault)]
    [InlineData("ALTER TABLE disable ALTER COLUMN spillover SET DEFAULT 1, DROP enable", AlterKind.SetDefault)]
    [InlineData("ALTER TABLE t ADD spillover int, ADD enable int", AlterKind.AddColumn)]
    [InlineData("ALTER TABLE t RENAME spillover TO disable", AlterKind.RenameColumn)]
    [InlineData("ALTER TABLE enable ENABLE SPILLOVER ON (spillover)", AlterKind.EnableSpillover)]
    [InlineData("ALTER TABLE spillover ALTER SPILLOVER ON (spillover)", AlterKind.AlterSpillover)]
    public void Parse_of_ALTER_TABLE_takes_its_words_as_names(string text, AlterKind kind) =>
        Assert.Equal(kind, SqlTestHelp.ParseOne(text).AlterTable.Actions[0].Kind);

    [Fact]
    public void Parse_words_of_spillover_are_names()
    {
        Select select = SqlTestHelp.ParseOne(
            "SELECT enable, spillover.disable AS spillover, spillover(1) enable FROM spillover disable").Select;
        Assert.Equal(["enable", "spillover", "enable"], select.Items.Select(i => i.Name));
        Assert.Equal(("spillover", "disable"), (select.From.Table.Name, select.From.Alias));
        Assert.Equal("merge_spillover", SqlTestHelp.ParseOne("SHOW merge spillover").Show.What);
        Assert.DoesNotContain(Keywords.Reserved, word => word is "ENABLE" or "DISABLE" or "SPILLOVER");
    }

    private static string Print(ExpressionRow row) => string.Join(' ', row.Values.Select(ExpressionPrinter.Print));

    private static string NameOf(TableName table) => table.Schema.Length == 0 ? table.Name : $"{table.Schema}.{table.Name}";
}
