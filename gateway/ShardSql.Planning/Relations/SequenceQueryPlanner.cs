using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Plans a SELECT whose list takes numbers of sequences or sets them: once for each row of the result, at the gateway, when
/// all rows are there. Without FROM the one row is made at once.
/// </summary>
internal sealed class SequenceQueryPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly Binding _binding;
    private readonly RelationPlanner? _rows;
    private readonly List<(int Column, BoundExpression Value)> _changes = [];
    private readonly List<ResultColumn> _columns = [];
    private readonly bool _isDistinct;
    private readonly int _visible;

    public SequenceQueryPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _binding = Binding.WithoutColumns(context);
        Select select = statement.Select;
        if (IsOneRow(select))
        {
            foreach (SelectItem item in select.Items)
            {
                Add(_columns.Count, item.Name, _binding.BindAsIs(item.Expression));
            }

            _visible = _columns.Count;
            return;
        }

        Refuse(select);
        _isDistinct = select.Distinct;
        (Statement rows, List<(int Place, SequenceItem Parts)> changing) = WithoutChanges(statement);
        _rows = new RelationPlanner(rows, context);
        _columns.AddRange(_rows.Columns);
        foreach ((int place, SequenceItem parts) in changing)
        {
            SelectItem item = select.Items[place];
            Expression over = parts.Over(read =>
            {
                int column = PlaceOf(ReadName(place, read));
                return BoundNodes.Column((uint)column, _columns[column].Type, isNullable: true);
            });
            Add(PlaceOf(ItemName(place)), item.Name, _binding.BindOver(over));
        }

        _visible = _columns.Count - changing.Sum(static c => c.Parts.Reads.Count);
        _columns.RemoveRange(_visible, _columns.Count - _visible);
    }

    /// <inheritdoc />
    public override bool IsReusable => !_binding.HoldsValues && (_rows?.IsReusable ?? true);

    /// <summary>Whether the list of a SELECT changes sequences.</summary>
    public static bool IsNeeded(Select select) => select.Items.Any(i => SequenceFunctions.ChangesIn(i.Expression));

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding binding = _binding.For(context);
        if (_rows is null)
        {
            return Constant([Changed(new SqlValue[_columns.Count], binding)], context);
        }

        StatementPlan rows = _rows.Plan(context);
        return rows with
        {
            Statement = _statement,
            Columns = _columns,
            Then = found => Constant(Distinct(found.Select(row => Changed(row, binding))), context),
        };
    }

    private static bool IsOneRow(Select select) =>
        select.From is null && select.Where is null && select.Having is null && select.GroupBy.Count == 0
        && select.OrderBy.Count == 0 && select.Limit is null && select.Offset is null && !select.Distinct
        && !RelationPlanner.IsNeeded(select) && !select.Items.Any(i => i.Star || Aggregates.Contains(i.Expression));

    /// <summary>What is read comes from the shards, so these would be of numbers that nobody has taken yet.</summary>
    private static void Refuse(Select select)
    {
        bool isCut = select.DistinctOn.Count > 0
            || (select.Distinct && (select.OrderBy.Count > 0 || select.Limit is not null || select.Offset is not null));
        if (isCut || select.ForUpdate)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                $"{(isCut ? "DISTINCT ON, ORDER BY or LIMIT" : "FOR UPDATE")} of a query that changes sequences is not supported",
                (int)select.Position)
            {
                Hint = "Put what is read into a query in FROM.",
            };
        }
    }

    /// <summary>The query of what is read: an item that changes sequences is only a place, and what it reads follows after all
    /// items. No column of a table has these names: they are how the places are found again.</summary>
    private static (Statement Rows, List<(int Place, SequenceItem Parts)> Changing) WithoutChanges(Statement statement)
    {
        Statement rows = statement.Clone();
        rows.Select.Distinct = false;
        var changing = new List<(int Place, SequenceItem Parts)>();
        for (int i = 0; i < statement.Select.Items.Count; i++)
        {
            if (!SequenceFunctions.ChangesIn(statement.Select.Items[i].Expression))
            {
                continue;
            }

            var parts = new SequenceItem(statement.Select.Items[i].Expression);
            changing.Add((i, parts));
            SelectItem place = Hidden(
                ItemName(i), BoundNodes.Cast(Binding.Literal(SqlValue.NullOf(SqlKind.Int64)), SqlType.Int64));
            rows.Select.Items[i] = place;
            for (int read = 0; read < parts.Reads.Count; read++)
            {
                rows.Select.Items.Add(Hidden(ReadName(i, read), parts.Reads[read]));
            }
        }

        return (rows, changing);
    }

    private static SelectItem Hidden(string name, Expression value) =>
        new() { Expression = value, Name = name, Alias = name, AliasQuoted = true };

    private static string ItemName(int place) => string.Create(CultureInfo.InvariantCulture, $"\0{place}");

    private static string ReadName(int place, int read) =>
        string.Create(CultureInfo.InvariantCulture, $"\0{place}.{read}");

    private int PlaceOf(string name) => _columns.FindIndex(c => c.Name == name);

    private List<SqlValue[]> Distinct(IEnumerable<SqlValue[]> rows)
    {
        if (!_isDistinct)
        {
            return [.. rows];
        }

        var known = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        var distinct = new List<SqlValue[]>();
        foreach (SqlValue[] row in rows)
        {
            var key = new ByteWriter();
            foreach (SqlValue value in row)
            {
                KeyCodec.Append(key, value);
            }

            if (known.Add(key.ToArray()))
            {
                distinct.Add(row);
            }
        }

        return distinct;
    }

    private void Add(int column, string name, BoundExpression value)
    {
        _changes.Add((column, value));
        var result = new ResultColumn(name, value.Type) { Nullable = value.IsNullable };
        if (column == _columns.Count)
        {
            _columns.Add(result);
        }
        else
        {
            _columns[column] = result;
        }
    }

    private SqlValue[] Changed(SqlValue[] found, Binding binding)
    {
        SqlValue[] row = found[.._visible];
        foreach ((int column, BoundExpression value) in _changes)
        {
            row[column] = binding.Evaluate(value, found);
        }

        return row;
    }

    private StatementPlan Constant(IReadOnlyList<SqlValue[]> rows, PlanningContext context)
    {
        var explain = new ExplainInput { Verb = "scan", GatewaySteps = ["one row"] };
        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = _statement,
            Tag = "SELECT",
            Columns = _columns,
            RunPlan = new StatementRunPlan { ConstantRows = rows },
            Explainer = () => ExplainText.Lines(explain, context),
        };
    }
}
