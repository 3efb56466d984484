using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <content>Constraints that come and go.</content>
internal sealed partial class AlterTablePlanner
{
    /// <summary>The first step of building its index; the job does the others.</summary>
    private PlannedDdl AddUnique(AlterAction action)
    {
        if (statement.Actions.Count > 1)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, "ADD UNIQUE beside other changes is not supported", (int)action.Position)
            {
                Hint = "Its index is built by a job: write it as a statement of its own.",
            };
        }

        string name = action.Unique.Name;
        if (name.Length > 0 && ForeignKeyDefinition.IsTaken(_table, name))
        {
            throw new SqlException(
                SqlStates.DuplicateObject,
                $"constraint \"{name}\" for relation \"{_table.Name}\" already exists",
                (int)action.Position)
            {
                Constraint = name,
            };
        }

        return IndexPlanner.Begin(context, _table, new IndexDefinition
        {
            Name = name,
            Position = (int)action.Position,
            IsUnique = true,
            IsConstraint = true,
            Columns = IndexDefinition.Resolve(_table.Columns, action.Unique.Columns),
            State = IndexState.DeleteOnly,
        });
    }

    /// <summary>Adds CHECKs; in rows from before, a column that is added with them holds its default.</summary>
    private void AddChecks(AlterAction action, string? added, SqlValue value)
    {
        foreach (CheckConstraint check in action.Checks)
        {
            if (ForeignKeyDefinition.IsTaken(_table, check.Name))
            {
                throw new SqlException(
                    SqlStates.DuplicateObject,
                    $"constraint \"{check.Name}\" for relation \"{_table.Name}\" already exists",
                    (int)check.Position)
                {
                    Constraint = check.Name,
                };
            }

            Binding rows = Binding.Of(context, QuerySource.Of(_table, string.Empty).Scope);
            _ = rows.BindCondition(check.Condition, "CHECK");
            var violated = new Expression();
            foreach (ExpressionNode node in check.Condition.Nodes)
            {
                violated.Nodes.Add(node.Op == ExpressionOp.Column && node.Name == added
                    ? Binding.Literal(value).Nodes[0]
                    : node);
            }

            violated.Nodes.Add(new ExpressionNode { Op = ExpressionOp.IsFalse, Children = 1 });
            Forbid(violated, () => new SqlException(
                SqlStates.CheckViolation,
                $"check constraint \"{check.Name}\" of relation \"{_table.Name}\" is violated by some row")
            {
                Constraint = check.Name,
                Table = _table.Name,
            });
            _table = _table with { Checks = [.. _table.Checks, new TableCheck(check.Name, check.Condition)] };
        }
    }

    private void AddForeignKeys(AlterAction action)
    {
        foreach (ForeignKeyConstraint constraint in action.ForeignKeys)
        {
            ForeignKey key = new ForeignKeyDefinition(context.Catalog, _table).Of(constraint);
            _table = _table with { ForeignKeys = [.. _table.ForeignKeys, key] };
            _checks.AddRange(new ForeignKeyChecks(context, _before, _table).Of(key));
        }
    }

    private void DropConstraint(AlterAction action)
    {
        ForeignKey[] keys = [.. _table.ForeignKeys.Where(k => k.Name != action.Name)];
        if (keys.Length < _table.ForeignKeys.Count)
        {
            _table = _table with { ForeignKeys = keys };
            return;
        }

        var kept = new List<TableCheck>();
        foreach (TableCheck check in _table.Checks)
        {
            if (check.Name != action.Name)
            {
                kept.Add(check);
            }
        }

        if (kept.Count < _table.Checks.Count)
        {
            _table = _table with { Checks = kept };
            return;
        }

        if (action.Name == _table.KeyName)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, "dropping the primary key is not supported", (int)action.Position)
            {
                Hint = "Its columns place the rows: make another table and INSERT ... SELECT into it.",
            };
        }

        if (_table.FindIndex(action.Name) is { IsConstraint: true } unique)
        {
            ReferenceDependencies.CheckIndex(context.Catalog, _table, unique, (int)action.Position);
            _table = _table with { Indexes = [.. _table.Indexes.Where(i => i.Number != unique.Number)] };
            return;
        }

        string text = $"constraint \"{action.Name}\" of relation \"{_table.Name}\" does not exist";
        _notice = action.Tolerant
            ? text + ", skipping"
            : throw new SqlException(SqlStates.UndefinedObject, text, (int)action.Position);
    }
}
