using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>CREATE TABLE and DROP TABLE.</content>
internal sealed partial class StatementBuilder
{
    private CreateTable Build(ShardSqlParser.CreateTableStatementContext context)
    {
        var table = new CreateTable
        {
            Table = Names.Table(context.tableName()),
            IfNotExists = context.IF() is not null,
        };
        foreach (ShardSqlParser.TableElementContext element in context.tableElement())
        {
            if (element.columnDefinition() is { } column)
            {
                AddColumn(table, column);
            }
        }

        foreach (ShardSqlParser.TableElementContext element in context.tableElement())
        {
            if (element.tableConstraint() is { } constraint)
            {
                AddConstraint(table, constraint);
            }
        }

        CheckColumns(table, context);
        if (context.placement() is { } placement)
        {
            table.Placement = Build(placement, table);
        }

        return table;
    }

    private static DropTable Build(ShardSqlParser.DropTableStatementContext context)
    {
        var drop = new DropTable { IfExists = context.IF() is not null };
        drop.Tables.AddRange(context.tableName().Select(Names.Table));
        return drop;
    }

    private void AddColumn(CreateTable table, ShardSqlParser.ColumnDefinitionContext context)
    {
        var column = new ColumnDefinition
        {
            Name = Names.Fold(context.identifier()),
            Position = Names.PositionOf(context),
        };
        column.Type = ColumnType(context.typeName(), column).ToMessage();
        if (table.Columns.Any(c => c.Name == column.Name))
        {
            throw Duplicate(new ColumnName { Name = column.Name, Position = column.Position });
        }

        if (table.Columns.Count == SqlLimits.MaxColumns)
        {
            throw new SqlException(
                SqlStates.TooManyColumns,
                string.Create(CultureInfo.InvariantCulture, $"a table has at most {SqlLimits.MaxColumns} columns"),
                (int)column.Position);
        }

        table.Columns.Add(column);
        foreach (ShardSqlParser.ColumnConstraintContext constraint in context.columnConstraint())
        {
            AddConstraint(table, column, constraint);
        }

        CheckOneDefault(table, column, context);
    }

    private void AddConstraint(
        CreateTable table, ColumnDefinition column, ShardSqlParser.ColumnConstraintContext context)
    {
        if (context.NOT() is not null)
        {
            column.NotNull = true;
        }
        else if (context.DEFAULT() is not null)
        {
            column.DefaultValue = column.DefaultValue is null
                ? _expressions.Build(context.operand())
                : throw Contradiction($"column \"{column.Name}\" has two defaults", context);
        }
        else if (context.PRIMARY() is not null)
        {
            SetKey(table, [new ColumnName { Name = column.Name, Position = column.Position }], context);
            table.KeyName = NameOf(context.CONSTRAINT() is null ? null : context.identifier(0));
        }
        else if (context.UNIQUE() is not null)
        {
            var named = new ColumnName { Name = column.Name, Position = column.Position };
            AddUnique(table, [named], context.CONSTRAINT() is null ? null : context.identifier(0), context);
        }
        else if (context.CHECK() is not null)
        {
            AddCheck(table, context.CONSTRAINT() is null ? null : context.identifier(0), context.expression(), context);
        }
        else if (context.reference() is { } reference)
        {
            var named = new ColumnName { Name = column.Name, Position = column.Position };
            AddForeignKey(
                table,
                [named],
                context.CONSTRAINT() is null ? null : context.identifier(0),
                reference,
                Names.PositionOf(context));
        }
        else if (context.identity() is { } identity)
        {
            AddIdentity(table, column, identity);
        }
        else if (context.NULL() is null)
        {
            throw SyntaxErrors.NotSupported("COLLATE", context.Start.StartIndex, "Text compares by its UTF-8 bytes.");
        }
    }

    private void AddConstraint(CreateTable table, ShardSqlParser.TableConstraintContext context)
    {
        if (context.PRIMARY() is not null)
        {
            List<ColumnName> columns = Columns(context.columnList());
            CheckKnown(table, columns);
            SetKey(table, columns, context);
            table.KeyName = NameOf(context.identifier());
        }
        else if (context.UNIQUE() is not null)
        {
            List<ColumnName> columns = Columns(context.columnList());
            CheckKnown(table, columns);
            AddUnique(table, columns, context.identifier(), context);
        }
        else if (context.CHECK() is not null)
        {
            AddCheck(table, context.identifier(), context.expression(), context);
        }
        else
        {
            List<ColumnName> columns = Columns(context.columnList());
            CheckKnown(table, columns);
            AddForeignKey(table, columns, context.identifier(), context.reference(), Names.PositionOf(context));
        }
    }

    private static void AddUnique(
        CreateTable table, List<ColumnName> columns, ShardSqlParser.IdentifierContext? name, ParserRuleContext context)
    {
        var unique = new UniqueConstraint { Name = NameOf(name), Position = Names.PositionOf(context) };
        unique.Columns.AddRange(columns);
        table.Uniques.Add(unique);
    }

    private static string NameOf(ShardSqlParser.IdentifierContext? name) =>
        name is null ? string.Empty : Names.Fold(name);

    private void AddCheck(
        CreateTable table,
        ShardSqlParser.IdentifierContext? name,
        ShardSqlParser.ExpressionContext condition,
        ParserRuleContext context)
    {
        Expression expression = _expressions.Build(condition);
        string chosen = name is null ? CheckName(table, expression) : Names.Fold(name);
        if (table.Checks.Any(c => c.Name == chosen))
        {
            throw new SqlException(
                SqlStates.DuplicateObject, $"constraint \"{chosen}\" is there twice", context.Start.StartIndex + 1)
            {
                Constraint = chosen,
            };
        }

        table.Checks.Add(new CheckConstraint
        {
            Name = chosen,
            Condition = expression,
            Position = Names.PositionOf(context),
        });
    }

    /// <summary>As PostgreSQL names it: table_column_check when it is about one column, else table_check.</summary>
    private static string CheckName(CreateTable table, Expression condition)
    {
        List<string> columns = [.. condition.Nodes
            .Where(n => n.Op == ExpressionOp.Column).Select(n => n.Name).Distinct()];
        string stem = columns.Count == 1 ? $"{table.Table.Name}_{columns[0]}_check" : $"{table.Table.Name}_check";
        string name = stem;
        for (int i = 1; table.Checks.Any(c => c.Name == name); i++)
        {
            name = stem + i.ToString(CultureInfo.InvariantCulture);
        }

        return name;
    }

    private static void SetKey(CreateTable table, List<ColumnName> columns, ParserRuleContext context)
    {
        if (table.PrimaryKey.Count > 0)
        {
            throw Contradiction($"table \"{table.Table.Name}\" has two primary keys", context);
        }

        table.PrimaryKey.AddRange(columns);
        foreach (ColumnDefinition column in table.Columns.Where(c => columns.Any(k => k.Name == c.Name)))
        {
            column.NotNull = true;
        }
    }

    private static void CheckColumns(CreateTable table, ParserRuleContext context)
    {
        if (table.Columns.Count == 0)
        {
            throw Contradiction("a table has at least one column", context);
        }
    }

    private static void CheckKnown(CreateTable table, IEnumerable<ColumnName> columns)
    {
        foreach (ColumnName column in columns)
        {
            if (table.Columns.All(c => c.Name != column.Name))
            {
                string? nearest = Spelling.Nearest(column.Name, table.Columns.Select(c => c.Name));
                throw new SqlException(
                    SqlStates.UndefinedColumn, $"column \"{column.Name}\" does not exist", (int)column.Position)
                {
                    ColumnName = column.Name,
                    Table = table.Table.Name,
                    Hint = nearest is null ? null : $"Did you mean \"{nearest}\"?",
                };
            }
        }
    }

    /// <param name="context">The clause.</param>
    /// <param name="table">The table that its columns must be of; null: one that only the catalog knows.</param>
    private Placement Build(ShardSqlParser.PlacementContext context, CreateTable? table)
    {
        var placement = new Placement { Position = Names.PositionOf(context) };
        switch (context)
        {
            case ShardSqlParser.HashPlacementContext hash:
                placement.Hash = new HashPlacement
                {
                    Segments = hash.INTEGER_NUMBER() is { } count ? Segments(count.Symbol) : 0,
                };
                placement.Hash.Columns.AddRange(ShardKey(table, hash.columnList()));
                break;
            case ShardSqlParser.RangePlacementContext range:
                placement.Range = new RangePlacement();
                placement.Range.Columns.AddRange(ShardKey(table, range.columnList()));
                placement.Range.Splits.AddRange(range.row().Select(Build));
                CheckSplits(placement.Range);
                break;
            case ShardSqlParser.ColocatedPlacementContext colocated:
                placement.Colocated = new ColocatedPlacement { Table = Names.Table(colocated.tableName()) };
                placement.Colocated.Columns.AddRange(ShardKey(table, colocated.columnList()));
                break;
            case ShardSqlParser.SinglePlacementContext single:
                placement.Single = new SinglePlacement();
                if (single.INTEGER_NUMBER() is { } shard)
                {
                    placement.Single.Shard = (uint)Number(shard.Symbol);
                }

                break;
            default:
                placement.Reference = new ReferencePlacement();
                break;
        }

        return placement;
    }

    private static uint Segments(IToken token) => Number(token) is > 0 and var count
        ? (uint)count
        : throw new SqlException(
            SqlStates.InvalidParameterValue, "a table has at least one segment", token.StartIndex + 1);

    private static List<ColumnName> ShardKey(CreateTable? table, ShardSqlParser.ColumnListContext? context)
    {
        List<ColumnName> columns = Columns(context);
        if (table is not null)
        {
            CheckKnown(table, columns);
        }

        return columns;
    }

    private static void CheckSplits(RangePlacement range)
    {
        foreach (ExpressionRow split in range.Splits)
        {
            if (split.Values.Count > range.Columns.Count)
            {
                throw new SqlException(
                    SqlStates.SyntaxError,
                    "a split has more values than the shard key has columns",
                    (int)split.Position);
            }
        }
    }

    private static SqlException Contradiction(string what, ParserRuleContext context) =>
        new(SqlStates.InvalidTableDefinition, what, context.Start.StartIndex + 1);
}
