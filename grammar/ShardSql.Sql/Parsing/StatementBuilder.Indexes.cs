using System.Linq;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Indexes.</content>
internal sealed partial class StatementBuilder
{
    private CreateIndex Build(ShardSqlParser.CreateIndexStatementContext context)
    {
        var index = new CreateIndex
        {
            Unique = context.UNIQUE() is not null,
            IfNotExists = context.EXISTS() is not null,
            Name = NameOf(context.identifier()),
            NamePosition = context.identifier() is { } name ? Names.PositionOf(name) : 0,
            Table = Names.Table(context.tableName()),
            Scope = context.LOCAL() is not null ? IndexScope.Local
                : context.GLOBAL() is not null ? IndexScope.Global
                : IndexScope.Unspecified,
        };
        index.Columns.AddRange(context.indexColumn().Select(c => Names.Column(c.columnName())));
        index.Storing.AddRange(Columns(context.columnList()));
        index.Options.AddRange(Build(context.options()));
        return index;
    }

    private static DropTable Build(ShardSqlParser.DropIndexStatementContext context)
    {
        var drop = new DropTable { IfExists = context.EXISTS() is not null };
        drop.Tables.AddRange(context.tableName().Select(Names.Table));
        return drop;
    }
}
