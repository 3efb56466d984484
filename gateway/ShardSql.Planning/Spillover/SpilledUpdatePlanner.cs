using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Plans an UPDATE that may be a delta (sharding.md §4): of one row by its key as a delta, or where the row has not spilled on the
/// row itself, which spills then if it is to. What is rounded with the sum needs the sum.
/// </summary>
internal sealed class SpilledUpdatePlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly SpilledChange _change;
    private readonly UpdatePlanner _ordinary;
    private readonly TableDescriptor _table;
    private readonly DeltaTable _deltas;
    private readonly DeltaType _ownType;

    public SpilledUpdatePlanner(Statement statement, SpilledChange change, PlanningContext context)
    {
        _statement = statement;
        _change = change;
        _ordinary = new UpdatePlanner(statement, context);
        _table = WriteSources.Of(statement.Update.Table, context).Table!;
        _deltas = new DeltaTable(_table, context.Catalog);
        _ownType = DeltaType.Of(statement.Update);
    }

    /// <inheritdoc />
    public override bool IsReusable => _ordinary.IsReusable;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding rows = _ordinary.RowsFor(context);
        TableAccess access = _ordinary.AccessOf(rows, context);
        SqlValue[]? key = KeyOf(access);
        if (ValuesOf(rows) is not { } values)
        {
            return Exactly(context, opens: false, keepsNewer: false);
        }

        SpilloverDescriptor spillover = _table.Spillover!;
        bool isBounded = spillover.Policy == SpilloverPolicy.BoundedSum;
        bool isExact = isBounded || spillover.IsInOrder;
        bool keepsNewer = spillover.By is not null && key is not null;
        if (spillover.IsEnding || key is null || !IsMeant(access, key, context))
        {
            return isExact && (keepsNewer || key is null || !spillover.IsSpared(key))
                ? Exactly(context, opens: false, keepsNewer)
                : _ordinary.Plan(access, rows, context);
        }

        var planner = new DeltaPlanner(_deltas, context);
        DeltaType type = context.TransactionType is { } said ? DeltaType.Of(said) : _ownType;
        (ShardTask task, int slot) = planner.Insert(key, type, values, isBounded ? UnitsOf(values) : null);
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "UPDATE",
            Tasks = [task],
            RunPlan = new StatementRunPlan { Sources = 1 },
            IsByKey = true,
            Otherwise = () => isExact ? Exactly(context, opens: true, keepsNewer) : _ordinary.Plan(access, rows, context) with
            {
                FollowUp = new FirstDelta(_table, key, _deltas, planner, context),
            },
            Explainer = () => DeltaPlanner.Explain(task, slot, type),
        };
    }

    private StatementPlan Exactly(PlanningContext context, bool opens, bool keepsNewer) =>
        new RelationWritePlanner(_statement, context) { Opens = opens, KeepsNewer = keepsNewer }.Plan(context);

    private Int128 UnitsOf(Dictionary<int, SqlValue> amounts)
    {
        (int ordinal, SqlValue amount) = amounts.Single();
        return QuotaUnits.Of(amount, _table.Columns[ordinal].Type);
    }

    private bool IsMeant(TableAccess access, SqlValue[] key, PlanningContext context) =>
        _table.Spillover!.IsMeant(key)
        || (_table.Spillover.Trigger == SpilloverTrigger.Auto
            && context.HotRows?.Adds(_table.Id, access.OnlyKey) == true);

    /// <summary>The key of the one row that it is about; null: it may be about others.</summary>
    private static SqlValue[]? KeyOf(TableAccess access) =>
        access.Filter.IsEmpty && access.OnlyKey is not null ? access.Shards.First().ShownKeys[0].Key : null;

    private Dictionary<int, SqlValue>? ValuesOf(Binding rows) => _table.Spillover!.IsInOrder ? Settings(rows) : Amounts(rows);

    /// <summary>What each column is set to, or what is appended to it; null: a column would not take it, or it is so long that
    /// the row must say whether it fits.</summary>
    private Dictionary<int, SqlValue>? Settings(Binding rows)
    {
        Binding constants = rows.Over(Sql.Expressions.RowScope.Empty);
        var settings = new Dictionary<int, SqlValue>();
        foreach ((int ordinal, _, Expression expression) in _change.Terms)
        {
            ColumnDescriptor column = _table.Columns[ordinal];
            SqlValue value = constants.Evaluate(constants.BindAssignment(expression, column), []);
            bool appends = _table.Spillover!.Policy == SpilloverPolicy.Append;
            if (value.IsNull
                ? appends || !column.Nullable
                : appends && Encoding.UTF8.GetByteCount(value.AsText()) > ColumnRoom.AppendedBytesMax)
            {
                return null;
            }

            settings[ordinal] = value;
        }

        return settings;
    }

    /// <summary>What is added to each column; null: that is not the same whenever it is added, as NULL or what is rounded
    /// with the sum, or it is more than the column holds.</summary>
    private Dictionary<int, SqlValue>? Amounts(Binding rows)
    {
        Binding constants = rows.Over(Sql.Expressions.RowScope.Empty);
        var amounts = new Dictionary<int, SqlValue>();
        foreach ((int ordinal, bool isNegative, Expression amount) in _change.Terms)
        {
            SqlValue given = constants.Evaluate(constants.Bind(amount), []);
            SqlType type = _table.Columns[ordinal].Type;
            if (given.IsNull || given.Kind is not (SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal)
                || !ColumnRoom.Holds(type, ColumnRoom.NumberOf(given)))
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
                ? constants.Evaluate(constants.Bind(BoundNodes.Apply(ExpressionOp.Negate, Binding.Literal(fitted))), [])
                : SqlCast.To(fitted, new SqlType(type.Kind), isExplicit: false);
        }

        return amounts;
    }
}
