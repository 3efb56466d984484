using System.Linq;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>CREATE VIEW and DROP VIEW.</content>
internal sealed partial class StatementBuilder
{
    private CreateView Build(ShardSqlParser.CreateViewStatementContext context)
    {
        if (_parameters.Ordered.Count > 0)
        {
            throw ParametersInView(context);
        }

        var view = new CreateView
        {
            View = Names.Table(context.tableName()),
            IfNotExists = context.EXISTS() is not null,
            Query = Build(context.selectStatement()),
            Text = TextOf(context.selectStatement()),
        };
        view.Columns.AddRange(Columns(context.columnList()));
        return _parameters.Ordered.Count == 0 ? view : throw ParametersInView(context);
    }

    private static string TextOf(ShardSqlParser.SelectStatementContext query) => query.Start.InputStream.GetText(
        new Antlr4.Runtime.Misc.Interval(query.Start.StartIndex, query.Stop.StopIndex));

    private static SqlException ParametersInView(ShardSqlParser.CreateViewStatementContext context) =>
        SyntaxErrors.NotSupported(
            "a parameter in CREATE VIEW", context.Start.StartIndex, "Write the value into the view's query.");

    private static DropTable Build(ShardSqlParser.DropViewStatementContext context)
    {
        var drop = new DropTable { IfExists = context.EXISTS() is not null };
        drop.Tables.AddRange(context.tableName().Select(Names.Table));
        return drop;
    }
}
