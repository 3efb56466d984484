using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
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

            return;
        }

        Refuse(select);
        Statement rows = statement.Clone();
        var changing = new List<(string Name, SelectItem Item)>();
        for (int i = 0; i < select.Items.Count; i++)
        {
            if (SequenceFunctions.ChangesIn(select.Items[i].Expression))
            {
                // No column of a table has this name: it is how the place of the item is found again.
                string place = $"\0{i}";
                changing.Add((place, select.Items[i]));
                rows.Select.Items[i].Expression = SequenceItems.Argument(select.Items[i].Expression);
                rows.Select.Items[i].Name = place;
                rows.Select.Items[i].Alias = place;
                rows.Select.Items[i].AliasQuoted = true;
            }
        }

        _rows = new RelationPlanner(rows, context);
        _columns.AddRange(_rows.Columns);
        foreach ((string place, SelectItem item) in changing)
        {
            int column = _columns.FindIndex(c => c.Name == place);
            Add(column, item.Name, _binding.BindOver(SequenceItems.OverArgument(item.Expression, column)));
        }
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
            Then = found => Constant([.. found.Select(row => Changed(row, binding))], context),
        };
    }

    private static bool IsOneRow(Select select) =>
        select.From is null && select.Where is null && select.Having is null && select.GroupBy.Count == 0
        && select.OrderBy.Count == 0 && select.Limit is null && select.Offset is null && !select.Distinct
        && !RelationPlanner.IsNeeded(select) && !select.Items.Any(i => i.Star || Aggregates.Contains(i.Expression));

    private static void Refuse(Select select)
    {
        if (select.Distinct || select.ForUpdate)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                $"{(select.Distinct ? "DISTINCT" : "FOR UPDATE")} of a query that changes sequences is not supported",
                (int)select.Position)
            {
                Hint = "Put what is read into a query in FROM.",
            };
        }
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
        var row = (SqlValue[])found.Clone();
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
