using System.Collections.Generic;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>ALTER TABLE.</content>
internal sealed partial class StatementBuilder
{
    private const string NoNewKeys = "CHECK, UNIQUE and FOREIGN KEY can be added to a table; its primary key is fixed when it "
        + "is made.";

    private const string UniqueLater = "ADD COLUMN without it, then ADD UNIQUE (column) in a statement of its own.";

    private AlterTable Build(ShardSqlParser.AlterTableStatementContext context)
    {
        var alter = new AlterTable
        {
            Table = Names.Table(context.tableName()),
            IfExists = context.IF() is not null,
        };
        CheckSpilloverAlone(context.alterAction());
        foreach (ShardSqlParser.AlterActionContext action in context.alterAction())
        {
            AlterAction built = Build(action, alter.Table);
            built.Position = Names.PositionOf(action);
            alter.Actions.Add(built);
        }

        return alter;
    }

    private AlterAction Build(ShardSqlParser.AlterActionContext context, TableName table) => context switch
    {
        ShardSqlParser.AddConstraintActionContext add => AddConstraint(add.tableConstraint(), table),
        ShardSqlParser.AddColumnActionContext add => AddColumn(add, table),
        ShardSqlParser.DropConstraintActionContext drop => new AlterAction
        {
            Kind = AlterKind.DropConstraint,
            Name = Names.Fold(drop.identifier()),
            Tolerant = drop.IF() is not null,
        },
        ShardSqlParser.DropColumnActionContext drop => new AlterAction
        {
            Kind = AlterKind.DropColumn,
            Name = Names.Column(drop.columnName()).Name,
            Tolerant = drop.IF() is not null,
        },
        ShardSqlParser.RenameTableActionContext rename => new AlterAction
        {
            Kind = AlterKind.RenameTable,
            NewName = Names.Fold(rename.identifier()),
        },
        ShardSqlParser.RenameColumnActionContext rename => new AlterAction
        {
            Kind = AlterKind.RenameColumn,
            Name = Names.Column(rename.columnName(0)).Name,
            NewName = Names.Column(rename.columnName(1)).Name,
        },
        ShardSqlParser.DefaultActionContext change => new AlterAction
        {
            Kind = change.SET() is null ? AlterKind.DropDefault : AlterKind.SetDefault,
            Name = Names.Column(change.columnName()).Name,
            DefaultValue = change.operand() is { } value ? _expressions.Build(value) : null,
        },
        ShardSqlParser.NotNullActionContext change => new AlterAction
        {
            Kind = change.SET() is null ? AlterKind.DropNotNull : AlterKind.SetNotNull,
            Name = Names.Column(change.columnName()).Name,
        },
        ShardSqlParser.EnableSpilloverActionContext enable =>
            SpilloverAction(AlterKind.EnableSpillover, enable.columnList(), enable.keyRows(), enable.options()),
        ShardSqlParser.AlterSpilloverActionContext change => AlterSpillover(change),
        ShardSqlParser.DisableSpilloverActionContext => SpilloverAction(AlterKind.DisableSpillover),
        _ => throw new SqlException(SqlStates.SyntaxError, "an unknown change of a table", context.Start.StartIndex + 1),
    };

    private AlterAction AddConstraint(ShardSqlParser.TableConstraintContext context, TableName table)
    {
        var holder = new CreateTable { Table = table };
        if (context.reference() is { } reference)
        {
            // Which columns there are only the catalog knows.
            List<ColumnName> columns = Columns(context.columnList());
            AddForeignKey(holder, columns, context.identifier(), reference, Names.PositionOf(context));
            return new AlterAction { Kind = AlterKind.AddForeignKey, ForeignKeys = { holder.ForeignKeys } };
        }

        if (context.UNIQUE() is not null)
        {
            AddUnique(holder, Columns(context.columnList()), context.identifier(), context);
            return new AlterAction { Kind = AlterKind.AddUnique, Unique = holder.Uniques[0] };
        }

        if (context.CHECK() is null)
        {
            throw SyntaxErrors.NotSupported("ADD PRIMARY KEY", context.Start.StartIndex, NoNewKeys);
        }

        AddConstraint(holder, context);
        var action = new AlterAction { Kind = AlterKind.AddCheck };
        action.Checks.AddRange(holder.Checks);
        return action;
    }

    /// <summary>A column is read as that of a table which has no other.</summary>
    private AlterAction AddColumn(ShardSqlParser.AddColumnActionContext context, TableName table)
    {
        var holder = new CreateTable { Table = table };
        AddColumn(holder, context.columnDefinition());
        if (holder.PrimaryKey.Count > 0 || holder.Uniques.Count > 0)
        {
            bool isPrimary = holder.PrimaryKey.Count > 0;
            throw SyntaxErrors.NotSupported(
                isPrimary ? "ADD COLUMN ... PRIMARY KEY" : "ADD COLUMN ... UNIQUE",
                context.Start.StartIndex,
                isPrimary ? NoNewKeys : UniqueLater);
        }

        var action = new AlterAction
        {
            Kind = AlterKind.AddColumn,
            Name = holder.Columns[0].Name,
            Column = holder.Columns[0],
            Tolerant = context.IF() is not null,
        };
        action.Checks.AddRange(holder.Checks);
        action.ForeignKeys.AddRange(holder.ForeignKeys);
        return action;
    }
}
