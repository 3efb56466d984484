using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class ExpressionTests
{
    private static readonly RowScope s_scope = new(
    [
        new ScopeColumn("t", "id", SqlType.Int32, false),
        new ScopeColumn("t", "name", SqlType.Varchar(10), true),
        new ScopeColumn("t", "amount", SqlType.DecimalOf(10, 2), true),
        new ScopeColumn("t", "day", SqlType.Date, true),
        new ScopeColumn("u", "id", SqlType.Int64, true),
    ]);

    private static readonly SqlValue[] s_row =
    [
        SqlValue.FromInt32(7), SqlValue.FromText("Anna"), SqlValue.FromDecimal(12.50m),
        SqlValue.FromDate(new DateOnly(2024, 2, 29)), SqlValue.NullOf(SqlKind.Int64),
    ];

    [Theory]
    [InlineData("TRUE AND TRUE", "true")]
    [InlineData("TRUE AND FALSE", "false")]
    [InlineData("TRUE AND NULL", "NULL")]
    [InlineData("FALSE AND NULL", "false")]
    [InlineData("NULL AND FALSE", "false")]
    [InlineData("NULL AND NULL", "NULL")]
    [InlineData("TRUE OR NULL", "true")]
    [InlineData("NULL OR TRUE", "true")]
    [InlineData("FALSE OR NULL", "NULL")]
    [InlineData("FALSE OR FALSE", "false")]
    [InlineData("NOT NULL", "NULL")]
    [InlineData("NOT TRUE", "false")]
    [InlineData("NULL = NULL", "NULL")]
    [InlineData("NULL IS NULL", "true")]
    [InlineData("NULL IS NOT TRUE", "true")]
    [InlineData("NULL IS TRUE", "false")]
    [InlineData("NULL IS NOT FALSE", "true")]
    [InlineData("(1 = 1) IS TRUE", "true")]
    [InlineData("1 IS DISTINCT FROM NULL", "true")]
    [InlineData("NULL IS NOT DISTINCT FROM NULL", "true")]
    [InlineData("1 IN (2, NULL)", "NULL")]
    [InlineData("1 IN (1, NULL)", "true")]
    [InlineData("1 NOT IN (2, NULL)", "NULL")]
    [InlineData("1 NOT IN (2, 3)", "true")]
    [InlineData("NULL IN (1, 2)", "NULL")]
    [InlineData("5 IN (1,2,3,4,5,6,7,8,9,10)", "true")]
    [InlineData("0 IN (1,2,3,4,5,6,7,8,9,NULL)", "NULL")]
    [InlineData("2.0 IN (1,2,3,4,5,6,7,8,9,10)", "true")]
    [InlineData("1 BETWEEN NULL AND 0", "false")]
    [InlineData("1 BETWEEN NULL AND 2", "NULL")]
    [InlineData("1 NOT BETWEEN 2 AND NULL", "true")]
    [InlineData("1 IN (SELECT 1 WHERE 1 = 0)", "false")]
    [InlineData("NULL IN (SELECT NULL WHERE 1 = 0)", "false")]
    [InlineData("1 NOT IN (SELECT NULL WHERE 1 = 0)", "true")]
    [InlineData("1 IN (SELECT 1 WHERE 1 = 1)", "true")]
    [InlineData("(1, 2) < (1, 3)", "true")]
    [InlineData("(1, NULL) < (2, 0)", "true")]
    [InlineData("(1, NULL) = (1, 2)", "NULL")]
    [InlineData("(1, NULL) = (2, 2)", "false")]
    [InlineData("(1, 2) IN ((3, 4), (1, 2))", "true")]
    [InlineData("(1, 2) NOT IN ((3, 4), (1, NULL))", "NULL")]
    [InlineData("CASE WHEN NULL THEN 1 ELSE 2 END", "2")]
    [InlineData("CASE NULL WHEN NULL THEN 1 END", "NULL")]
    [InlineData("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b")]
    [InlineData("COALESCE(NULL, 3, 4)", "3")]
    [InlineData("NULLIF(1, 1)", "NULL")]
    [InlineData("NULLIF(1, 2)", "1")]
    public void Evaluate_follows_three_valued_logic(string text, string expected) =>
        Assert.Equal(expected, SqlTestHelp.Text(text));

    [Theory]
    [InlineData("7 / 2", "3", SqlKind.Int32)]
    [InlineData("-7 / 2", "-3", SqlKind.Int32)]
    [InlineData("-7 % 3", "-1", SqlKind.Int32)]
    [InlineData("7 / 2.0", "3.5000000000000000", SqlKind.Decimal)]
    [InlineData("1 + 2147483648", "2147483649", SqlKind.Int64)]
    [InlineData("0.1 + 0.2", "0.3", SqlKind.Decimal)]
    [InlineData("1.5 * 2", "3.0", SqlKind.Decimal)]
    [InlineData("1.5e3", "1500", SqlKind.Decimal)]
    [InlineData("2.23e-308", "2.23e-308", SqlKind.Double)]
    [InlineData("1.18e-38", "1.18e-38", SqlKind.Double)]
    [InlineData("-1.5e300", "-1.5e+300", SqlKind.Double)]
    [InlineData("CAST(1 AS real) + 1.5", "2.5", SqlKind.Double)]
    [InlineData("CAST(0.1 AS real) + CAST(0.2 AS real)", "0.3", SqlKind.Real)]
    [InlineData("10 - 3 - 2", "5", SqlKind.Int32)]
    [InlineData("'3' + 4", "7", SqlKind.Int32)]
    [InlineData("DATE '2024-02-28' + 2", "2024-03-01", SqlKind.Date)]
    [InlineData("DATE '2024-03-01' - DATE '2024-02-28'", "2", SqlKind.Int32)]
    [InlineData("DATE '2024-03-01' - '2024-02-28'", "2", SqlKind.Int32)]
    [InlineData("'a' || 1 || NULL", "NULL", SqlKind.Text)]
    [InlineData("'a' || 1 || TRUE", "a1true", SqlKind.Text)]
    [InlineData("X'01' || X'02'", "\\x0102", SqlKind.Bytes)]
    [InlineData("GREATEST(1, 2.5, NULL)", "2.5", SqlKind.Decimal)]
    [InlineData("ABS(-5)", "5", SqlKind.Int32)]
    [InlineData("ROUND(2.345, 2)", "2.35", SqlKind.Decimal)]
    [InlineData("ROUND(-2.5)", "-3", SqlKind.Decimal)]
    [InlineData("FLOOR(-1.5)", "-2", SqlKind.Decimal)]
    [InlineData("CEIL(7)", "7", SqlKind.Double)]
    [InlineData("TRUNC(129.9, -1)", "120", SqlKind.Decimal)]
    [InlineData("POWER(2, 10)", "1024", SqlKind.Double)]
    [InlineData("MOD(9, 4)", "1", SqlKind.Int32)]
    [InlineData("UPPER('aé')", "AÉ", SqlKind.Text)]
    [InlineData("LENGTH('a😀')", "2", SqlKind.Int32)]
    [InlineData("SUBSTRING('a😀bc', 2, 2)", "😀b", SqlKind.Text)]
    [InlineData("SUBSTRING('abc', 0, 2)", "a", SqlKind.Text)]
    [InlineData("SUBSTRING('abc', 2)", "bc", SqlKind.Text)]
    [InlineData("LEFT('abc', -1)", "ab", SqlKind.Text)]
    [InlineData("RIGHT('abc', 2)", "bc", SqlKind.Text)]
    [InlineData("POSITION('c' IN 'abc')", "3", SqlKind.Int32)]
    [InlineData("TRIM('  a ')", "a", SqlKind.Text)]
    [InlineData("TRIM(BOTH 'x' FROM 'xaxx')", "a", SqlKind.Text)]
    [InlineData("REPLACE('aba', 'a', 'xy')", "xybxy", SqlKind.Text)]
    [InlineData("CONCAT('a', NULL, 1)", "a1", SqlKind.Text)]
    [InlineData("LPAD('5', 3, '0')", "005", SqlKind.Text)]
    [InlineData("EXTRACT(year FROM DATE '2024-02-29')", "2024", SqlKind.Decimal)]
    [InlineData("DATE_TRUNC('month', TIMESTAMP '2024-02-29 12:00:00')", "2024-02-01 00:00:00", SqlKind.Timestamp)]
    [InlineData("DATE_TRUNC('week', DATE '1969-12-31')", "1969-12-29 00:00:00", SqlKind.Timestamp)]
    [InlineData("json_value('{\"a\": {\"b c\": [1, \"x\"]}}', '$.a.\"b c\"[1]')", "x", SqlKind.Text)]
    [InlineData("json_value(CAST('{\"a\": 1.50}' AS json), '$.a')", "1.50", SqlKind.Text)]
    [InlineData("json_value('{\"a\": true}', ' $.a[0] ')", "true", SqlKind.Text)]
    [InlineData("json_value('{\"a\": {}}', '$.a')", "NULL", SqlKind.Text)]
    [InlineData("json_value('{\"a\": null}', '$.a')", "NULL", SqlKind.Text)]
    [InlineData("json_value('[1]', '$[7]')", "NULL", SqlKind.Text)]
    [InlineData("json_value(NULL, '$.a')", "NULL", SqlKind.Text)]
    public void Evaluate_gives_value_and_type(string text, string expected, SqlKind kind)
    {
        Assert.Equal(expected, SqlTestHelp.Text(text));
        Assert.Equal(kind, SqlTestHelp.Bind(text).Type.Kind);
    }

    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "a%", true)]
    [InlineData("abc", "%c", true)]
    [InlineData("abc", "_b_", true)]
    [InlineData("a😀c", "a_c", true)]
    [InlineData("abc", "a_", false)]
    [InlineData("", "%", true)]
    [InlineData("", "_", false)]
    [InlineData("a%c", "a\\%c", true)]
    [InlineData("abc", "a\\%c", false)]
    [InlineData("mississippi", "%iss%ip%i", true)]
    [InlineData("ABC", "abc", false)]
    [InlineData("a\nb", "a%b", true)]
    public void Like_matches_whole_texts(string text, string pattern, bool expected)
    {
        (string, SqlValue)[] parameters = [("t", SqlValue.FromText(text)), ("p", SqlValue.FromText(pattern))];
        Assert.Equal(expected, SqlTestHelp.Evaluate("@t LIKE @p", parameters).AsBoolean());
        Assert.Equal(!expected, SqlTestHelp.Evaluate("@t NOT LIKE @p", parameters).AsBoolean());
        Assert.True(SqlTestHelp.Evaluate("upper(@t) ILIKE lower(@t)", parameters).AsBoolean());
    }

    [Fact]
    public void Like_of_many_wildcards_is_not_exponential()
    {
        (string, SqlValue)[] parameters =
        [
            ("t", SqlValue.FromText(new string('a', 20_000))),
            ("p", SqlValue.FromText(string.Concat(Enumerable.Repeat("%a", 50)) + "b")),
        ];
        Assert.False(SqlTestHelp.Evaluate("@t LIKE @p", parameters).AsBoolean());
    }

    [Theory]
    [InlineData("2147483647 + 1", SqlStates.NumericOutOfRange)]
    [InlineData("9223372036854775807 * 2", SqlStates.NumericOutOfRange)]
    [InlineData("- CAST(-32768 AS smallint)", SqlStates.NumericOutOfRange)]
    [InlineData("1 / 0", SqlStates.DivisionByZero)]
    [InlineData("1.0 % 0", SqlStates.DivisionByZero)]
    [InlineData("CAST(1 AS double precision) / 0", SqlStates.DivisionByZero)]
    [InlineData("CAST(1e308 AS double precision) * 10", SqlStates.NumericOutOfRange)]
    [InlineData("1e999", SqlStates.NumericOutOfRange)]
    [InlineData("CAST('x' AS int)", SqlStates.InvalidTextRepresentation)]
    [InlineData("CAST('2024-02-30' AS date)", SqlStates.InvalidDateTime)]
    [InlineData("CAST(99999 AS smallint)", SqlStates.NumericOutOfRange)]
    [InlineData("'a' LIKE 'a\\'", SqlStates.InvalidEscapeSequence)]
    [InlineData("SUBSTRING('a', 1, -1)", SqlStates.SubstringError)]
    [InlineData("SQRT(-1)", SqlStates.InvalidArgumentForPower)]
    [InlineData("REPEAT('aaaaaaaaaa', 1000000)", SqlStates.ProgramLimitExceeded)]
    [InlineData("1 + 'x'", SqlStates.InvalidTextRepresentation)]
    [InlineData("TRUE + 1", SqlStates.UndefinedFunction)]
    [InlineData("1 AND TRUE", SqlStates.DatatypeMismatch)]
    [InlineData("1 = TRUE", SqlStates.UndefinedFunction)]
    [InlineData("CAST(TRUE AS date)", SqlStates.CannotCoerce)]
    [InlineData("lowr('A')", SqlStates.UndefinedFunction)]
    [InlineData("lower(1)", SqlStates.UndefinedFunction)]
    [InlineData("@missing", SqlStates.UndefinedParameter)]
    [InlineData("nothing", SqlStates.UndefinedColumn)]
    [InlineData("count(*)", SqlStates.GroupingError)]
    [InlineData("(1, 2)", SqlStates.FeatureNotSupported)]
    [InlineData("(1, 2) = (1, 2, 3)", SqlStates.SyntaxError)]
    [InlineData("'1' + '2'", SqlStates.UndefinedFunction)]
    [InlineData("json_value('{', '$.a')", "22P02")]
    [InlineData("json_value('{}', 'a')", "42601")]
    [InlineData("json_value('{}', '$.a[')", "42601")]
    [InlineData("json_value('{}', '$[*]')", "42601")]
    [InlineData("json_value(7, '$')", "42883")]
    public void Evaluate_of_what_is_wrong_gives_its_state(string text, string state) =>
        SqlTestHelp.Fails(state, () => SqlTestHelp.Evaluate(text));

    [Fact]
    public void Evaluate_reaches_no_branch_that_is_not_taken()
    {
        Assert.Equal("1", SqlTestHelp.Text("CASE WHEN TRUE THEN 1 ELSE 1 / 0 END"));
        Assert.Equal("2", SqlTestHelp.Text("COALESCE(2, 1 / 0)"));
        Assert.Equal("false", SqlTestHelp.Text("FALSE AND 1 / 0 = 1"));
    }

    [Fact]
    public void Bind_of_an_untyped_null_parameter_takes_the_type_of_its_surroundings()
    {
        Assert.Equal(SqlKind.Int32, SqlTestHelp.Bind("1 + @p", ("p", SqlValue.Null)).Type.Kind);
        Assert.Equal("NULL", SqlTestHelp.Text("@p", ("p", SqlValue.Null)));
        Assert.Equal("false", SqlTestHelp.Text("5 IN (SELECT @ids WHERE 1 = 0)", ("ids", SqlValue.Null)));
        Assert.Equal("NULL", SqlTestHelp.Text("@p = 'x' AND @q", ("p", SqlValue.Null), ("q", SqlValue.Null)));
        Assert.Equal("4", SqlTestHelp.Text("@P + 1", ("p", SqlValue.FromInt32(3))));
    }

    [Fact]
    public void Bind_of_names_resolves_and_suggests()
    {
        BoundExpression sum = ExpressionBinder.Bind(
            SqlTestHelp.ParseExpression("t.id + amount"), s_scope, null);
        Assert.Equal("19.50", sum.Evaluate(s_row, []).ToText());
        Assert.Equal([0, 2], sum.ReferencedColumns());
        Assert.True(sum.IsNullable);
        SqlException ambiguous = SqlTestHelp.Fails(SqlStates.AmbiguousColumn, () => Bind("id"));
        Assert.Equal(8, ambiguous.Position);
        Assert.Contains("\"name\"", SqlTestHelp.Fails(SqlStates.UndefinedColumn, () => Bind("nmae")).Hint, StringComparison.Ordinal);
        SqlTestHelp.Fails(SqlStates.UndefinedTable, () => Bind("v.id"));
        Assert.Equal(1, Bind("t.name").ColumnOrdinal);
        Assert.Contains(
            "lower", SqlTestHelp.Fails(SqlStates.UndefinedFunction, () => Bind("lowr(name)")).Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.234", SqlStates.NumericOutOfRange, "amount")]
    [InlineData("123456789", SqlStates.NumericOutOfRange, "amount")]
    [InlineData("'01234567890'", SqlStates.StringTooLong, "name")]
    [InlineData("'2024-02-30'", SqlStates.InvalidDateTime, "day")]
    [InlineData("2147483648", SqlStates.NumericOutOfRange, "id")]
    [InlineData("TRUE", SqlStates.DatatypeMismatch, "id")]
    [InlineData("'x'", SqlStates.InvalidTextRepresentation, "id")]
    public void BindAssignment_of_what_does_not_fit_is_refused(string text, string state, string column)
    {
        SqlType target = s_scope.Columns.First(c => c.Name == column).Type;
        SqlTestHelp.Fails(state, () => ExpressionBinder.BindAssignment(
            SqlTestHelp.ParseExpression(text), s_scope, null, target).Evaluate(s_row, []));
    }

    [Fact]
    public void BindAssignment_converts_as_PostgreSQL_does()
    {
        Assert.Equal("2", Assign("1.5", SqlType.Int32));
        Assert.Equal("1.20", Assign("1.2", SqlType.DecimalOf(10, 2)));
        Assert.Equal("5.00", Assign("5", SqlType.DecimalOf(10, 2)));
        Assert.Equal("0.33", Assign("CAST(0.333 AS double precision)", SqlType.DecimalOf(10, 2)));
        Assert.Equal("12", Assign("12", SqlType.Text));
        Assert.Equal("ab", Assign("'ab  '", SqlType.Varchar(2)));
        Assert.Equal("{\"a\":1}", Assign("'{\"a\":1}'", SqlType.Json));
        Assert.Equal("\\xdead", Assign("'\\xDEAD'", SqlType.Bytes));
        Assert.Equal("2024-01-01 10:30:00+00", Assign("'2024-01-01T12:30+02:00'", SqlType.TimestampTz));

        static string Assign(string text, SqlType type)
        {
            BoundExpression bound = ExpressionBinder.BindAssignment(
                SqlTestHelp.ParseExpression(text), RowScope.Empty, null, type);
            var travelled = BoundExpression.FromMessage(bound.ToMessage());
            Assert.Equal(bound.Evaluate([], []), travelled.Evaluate([], []));
            return travelled.Evaluate([], []).ToText();
        }
    }

    [Fact]
    public void WithContext_puts_stable_calls_in_their_places_and_leaves_the_others()
    {
        var context = new FixedContext();
        BoundExpression now = SqlTestHelp.Bind("now()");
        Assert.True(now.IsVolatile);
        Assert.Throws<InvalidOperationException>(() => now.Evaluate([], []));
        Assert.Equal("2024-01-01 00:00:00+00", now.WithContext(context).Evaluate([], []).ToText());
        Assert.False(now.WithContext(context).IsVolatile);
        Assert.Equal("2024-01-02", SqlTestHelp.Bind("current_date + 1").WithContext(context).Evaluate([], []).ToText());
        BoundExpression id = SqlTestHelp.Bind("gen_random_uuid()").WithContext(context);
        Assert.True(id.IsVolatile);
        Assert.NotEqual(id.Evaluate([], [], context), id.Evaluate([], [], context));
    }

    [Fact]
    public void WithParameters_folds_a_list()
    {
        BoundExpression bound = ExpressionBinder.Bind(
            SqlTestHelp.ParseExpression("t.id IN (@a, @b)"),
            s_scope,
            new ParameterSet([new("a", SqlType.Int64), new("b", SqlType.Int64)]));
        BoundExpression folded = bound.WithParameters([SqlValue.FromInt64(7), SqlValue.FromInt64(8)]);
        Assert.True(folded.Evaluate(s_row, []).IsTrue);
        Assert.DoesNotContain("@", folded.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FromMessage_of_malformed_trees_is_refused()
    {
        var bound = new ExpressionNode { Op = ExpressionOp.BoundColumn, Ordinal = 99 };
        SqlTestHelp.Fails(SqlStates.ProtocolViolation, () => BoundExpression.FromMessage(new Expression()));
        SqlTestHelp.Fails(SqlStates.ProtocolViolation, () => BoundExpression.FromMessage(
            new Expression { Nodes = { new ExpressionNode { Op = ExpressionOp.Add, Children = 2 } } }));
        SqlTestHelp.Fails(SqlStates.ProtocolViolation, () => ExpressionBinder.Bind(
            new Expression { Nodes = { bound } }, s_scope, null));
        SqlTestHelp.Fails(SqlStates.ProtocolViolation, () => _ = new AggregateBinding(
            s_scope, [new Expression { Nodes = { bound } }], null));
    }

    [Fact]
    public void EvaluateCount_takes_parameters_and_refuses_negatives()
    {
        Expression limit = SqlTestHelp.ParseOne("SELECT 1 LIMIT @n").Select.Limit;
        var types = new ParameterSet([new("n", SqlType.Int32)]);
        Assert.Equal(3, ExpressionBinder.EvaluateCount(limit, types, [SqlValue.FromInt32(3)], isOffset: false));
        Assert.Null(ExpressionBinder.EvaluateCount(limit, types, [SqlValue.Null], isOffset: false));
        SqlTestHelp.Fails(SqlStates.InvalidLimit, () => ExpressionBinder.EvaluateCount(
            limit, types, [SqlValue.FromInt32(-1)], isOffset: false));
    }

    private static BoundExpression Bind(string text) =>
        ExpressionBinder.Bind(SqlTestHelp.ParseExpression(text), s_scope, null);

    private sealed class FixedContext : EvaluationContext
    {
        private int _count;

        public override long NowMicroseconds => 1_704_067_200_000_000;

        public override Guid NextUuid() => new(++_count, 0, 0, new byte[8]);
    }
}
