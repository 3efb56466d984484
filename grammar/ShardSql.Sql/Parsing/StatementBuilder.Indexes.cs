using System.Linq;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Indexes, and the jobs that build them.</content>
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
        foreach (ShardSqlParser.OptionContext option in context.options()?.option() ?? [])
        {
            index.Options.Add(new Option
            {
                Name = Names.Fold(option.identifier()),
                Value = _expressions.Build(option.operand()),
                Position = Names.PositionOf(option),
            });
        }

        return index;
    }

    private static DropTable Build(ShardSqlParser.DropIndexStatementContext context)
    {
        var drop = new DropTable { IfExists = context.EXISTS() is not null };
        drop.Tables.AddRange(context.tableName().Select(Names.Table));
        return drop;
    }

    private JobAction Build(ShardSqlParser.JobStatementContext context)
    {
        var action = new JobAction
        {
            Kind = context.WAIT() is not null ? JobActionKind.Wait : JobActionKind.Cancel,
            Job = Build(context.jobId()),
        };
        if (context.operand() is { } timeout)
        {
            action.Timeout = _expressions.Build(timeout);
        }

        return action;
    }

    private Expression Build(ShardSqlParser.JobIdContext context) => context.INTEGER_NUMBER() is { } number
        ? Constant(SqlValue.FromInt64(Number(number.Symbol)), Names.PositionOf(context))
        : new Expression
        {
            Nodes =
            {
                new ExpressionNode
                {
                    Op = ExpressionOp.Parameter,
                    Name = _parameters.Add(context.PARAMETER().Symbol),
                    Position = Names.PositionOf(context),
                },
            },
        };
}
