using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>INSERT, UPDATE, DELETE.</content>
internal sealed partial class StatementBuilder
{
    private Insert Build(ShardSqlParser.InsertStatementContext context)
    {
        ShardSqlParser.InsertSourceContext source = context.insertSource();
        if (source.selectStatement() is { } query)
        {
            throw SyntaxErrors.NotSupported(
                "INSERT from a query", query.Start.StartIndex, "Write INSERT INTO t VALUES (...), (...).");
        }

        var insert = new Insert
        {
            Table = Names.Table(context.tableName()),
            DefaultValues = source.DEFAULT() is not null,
        };
        insert.Columns.AddRange(Columns(context.columnList()));
        foreach (ShardSqlParser.RowContext row in source.row())
        {
            insert.Rows.Add(Build(row));
            CheckLength(insert, insert.Rows[^1]);
        }

        insert.Returning.AddRange(Returning(context.returning()));
        return insert;
    }

    private static void CheckLength(Insert insert, ExpressionRow row)
    {
        int columns = insert.Columns.Count;
        if (columns > 0 && row.Values.Count != columns)
        {
            string which = row.Values.Count > columns
                ? "more expressions than columns"
                : "more columns than expressions";
            throw new SqlException(SqlStates.SyntaxError, $"INSERT has {which}", (int)row.Position);
        }

        if (row.Values.Count != insert.Rows[0].Values.Count)
        {
            throw new SqlException(
                SqlStates.SyntaxError, "the rows of VALUES are not all of the same length", (int)row.Position);
        }
    }

    private ExpressionRow Build(ShardSqlParser.RowContext context)
    {
        var row = new ExpressionRow { Position = Names.PositionOf(context) };
        row.Values.AddRange(context.rowValue().Select(Build));
        return row;
    }

    private Expression Build(ShardSqlParser.RowValueContext context) => context.expression() is { } expression
        ? _expressions.Build(expression)
        : ExpressionBuilder.Default(context.Start);

    private Update Build(ShardSqlParser.UpdateStatementContext context)
    {
        if (context.FROM() is { } from)
        {
            throw SyntaxErrors.NotSupported("UPDATE ... FROM", from.Symbol.StartIndex, OneTable);
        }

        var update = new Update
        {
            Table = Reference(context.tableName(), context.tableAlias()),
            Where = Where(context.where()),
        };
        var seen = new SortedSet<string>(System.StringComparer.Ordinal);
        foreach (ShardSqlParser.AssignmentContext assignment in context.assignment())
        {
            ColumnName column = Names.Column(assignment.columnName());
            if (!seen.Add(column.Name))
            {
                throw Duplicate(column);
            }

            update.Assignments.Add(new Assignment { Column = column, Value = Build(assignment.rowValue()) });
        }

        update.Returning.AddRange(Returning(context.returning()));
        return update;
    }

    private Delete Build(ShardSqlParser.DeleteStatementContext context)
    {
        if (context.USING() is { } source)
        {
            throw SyntaxErrors.NotSupported("DELETE ... USING", source.Symbol.StartIndex, OneTable);
        }

        var delete = new Delete
        {
            Table = Reference(context.tableName(), context.tableAlias()),
            Where = Where(context.where()),
        };
        delete.Returning.AddRange(Returning(context.returning()));
        return delete;
    }

    private static List<ColumnName> Columns(ShardSqlParser.ColumnListContext? context)
    {
        List<ColumnName> columns = [];
        var seen = new SortedSet<string>(System.StringComparer.Ordinal);
        foreach (ShardSqlParser.ColumnNameContext name in context?.columnName() ?? [])
        {
            ColumnName column = Names.Column(name);
            columns.Add(seen.Add(column.Name) ? column : throw Duplicate(column));
        }

        return columns;
    }

    private static SqlException Duplicate(ColumnName column) => new(
        SqlStates.DuplicateColumn, $"column \"{column.Name}\" is named twice", (int)column.Position)
    {
        ColumnName = column.Name,
    };
}
