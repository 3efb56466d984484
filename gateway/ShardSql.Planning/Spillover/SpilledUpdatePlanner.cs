using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Plans an UPDATE that adds to spilled columns (sharding.md §4): of one row by its key as a delta, or where the row has
/// not spilled on the row itself, which spills then if it is to. What is rounded with the sum needs the sum.
/// </summary>
internal sealed class SpilledUpdatePlanner : PreparedPlan
{
    private readonly SpilledChange _change;
    private readonly UpdatePlanner _ordinary;
    private readonly RelationWritePlanner _exact;
    private readonly TableDescriptor _table;
    private readonly Binding _rows;
    private readonly TableAccessPlanner _access;

    public SpilledUpdatePlanner(Statement statement, SpilledChange change, PlanningContext context)
    {
        _change = change;
        _ordinary = new UpdatePlanner(statement, context);
        _exact = new RelationWritePlanner(statement, context);
        QuerySource source = WriteSources.Of(statement.Update.Table, context);
        _table = source.Table!;
        _rows = Binding.Of(context, source.Scope);
        _access = new TableAccessPlanner(source, _rows, statement.Update.Where);
    }

    /// <inheritdoc />
    public override bool IsReusable => _ordinary.IsReusable && _exact.IsReusable && !_rows.HoldsValues;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding rows = _rows.For(context);
        if (Amounts(rows) is not { } amounts)
        {
            return _exact.Plan(context);
        }

        StatementPlan ordinary = _ordinary.Plan(context);
        if (_table.Spillover!.IsEnding || KeyOf(context, rows) is not { } key || !IsMeant(key))
        {
            return ordinary;
        }

        var deltas = new DeltaTable(_table, context.Catalog);
        var planner = new DeltaPlanner(deltas, context);
        (ShardTask task, int slot) = planner.Insert(key, amounts);
        return ordinary with
        {
            Tasks = [task],
            IsByKey = true,
            Otherwise = () => ordinary with { FollowUp = new FirstDelta(_table, key, planner, context) },
            Explainer = () => DeltaPlanner.Explain(task, slot),
        };
    }

    private bool IsMeant(SqlValue[] key) => _table.Spillover!.Trigger == SpilloverTrigger.Always
        || _table.Spillover.Keys.Any(known => known.AsSpan().SequenceEqual(key));

    /// <summary>The key of the one row that it is about; null: it may be about others.</summary>
    private SqlValue[]? KeyOf(PlanningContext context, Binding rows)
    {
        TableAccess access = _access.Plan(context, rows, isWrite: true);
        return access.Index is null && access.Filter.IsEmpty
            && access.Shards.ToArray() is [{ Ranges.Count: 0, Keys.Count: 1, ShownKeys: [var only] }]
                ? only.Key
                : null;
    }

    /// <summary>What is added to each column; null: that is not the same whenever it is added, as NULL or what is rounded
    /// with the sum.</summary>
    private Dictionary<int, SqlValue>? Amounts(Binding rows)
    {
        Binding constants = rows.Over(Sql.Expressions.RowScope.Empty);
        var amounts = new Dictionary<int, SqlValue>();
        foreach ((int ordinal, bool isNegative, Expression amount) in _change.Terms)
        {
            SqlValue given = constants.Evaluate(constants.Bind(amount), []);
            SqlType type = _table.Columns[ordinal].Type;
            if (given.IsNull || given.Kind is not (SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal))
            {
                return null;
            }

            // Rounded, as no assignment is: what that changes is not for a delta.
            SqlValue fitted = SqlCast.To(given, type, isExplicit: true);
            if (SqlValue.Compare(fitted, given) != 0)
            {
                return null;
            }

            amounts[ordinal] = isNegative
                ? constants.Evaluate(constants.Bind(Negated(fitted)), [])
                : SqlCast.To(fitted, new SqlType(type.Kind), isExplicit: false);
        }

        return amounts;
    }

    private static Expression Negated(SqlValue value)
    {
        Expression negated = Binding.Literal(value);
        negated.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Negate, Children = 1 });
        return negated;
    }
}
