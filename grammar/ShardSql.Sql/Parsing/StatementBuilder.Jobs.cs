using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Jobs, and the statements on segments that begin them.</content>
internal sealed partial class StatementBuilder
{
    private JobAction Build(ShardSqlParser.JobStatementContext context)
    {
        var action = new JobAction
        {
            Kind = context.WAIT() is not null ? JobActionKind.Wait
                : context.PAUSE() is not null ? JobActionKind.Pause
                : context.RESUME() is not null ? JobActionKind.Resume
                : JobActionKind.Cancel,
            Job = Build(context.jobId()),
        };
        if (context.operand() is { } timeout)
        {
            action.Timeout = _expressions.Build(timeout);
        }

        return action;
    }

    private SegmentAction Build(ShardSqlParser.SegmentStatementContext context)
    {
        var action = new SegmentAction
        {
            Kind = context.MOVE() is not null ? SegmentActionKind.Move
                : context.SPLIT() is not null ? SegmentActionKind.Split
                : SegmentActionKind.Merge,
        };
        action.Segments.AddRange(context.segmentName().Select(Build));
        if (action.Kind == SegmentActionKind.Move)
        {
            action.Shard = action.Segments[1];
            action.Segments.RemoveAt(1);
        }

        if (context.row() is { } at)
        {
            action.At = Build(at);
        }

        action.Options.AddRange(Build(context.options()));
        return action;
    }

    private Resolve Build(ShardSqlParser.ResolveStatementContext context)
    {
        uint position = Names.PositionOf((context.STRING() ?? context.PARAMETER()).Symbol);
        return new Resolve
        {
            Transaction = context.STRING() is { } text
                ? Constant(SqlValue.FromText(Literals.Text(text.Symbol)), position)
                : Parameter(context.PARAMETER().Symbol, position),
        };
    }

    private IEnumerable<Option> Build(ShardSqlParser.OptionsContext? context)
    {
        foreach (ShardSqlParser.OptionContext option in context?.option() ?? [])
        {
            yield return new Option
            {
                Name = Names.Fold(option.identifier()),
                Value = _expressions.Build(option.operand()),
                Position = Names.PositionOf(option),
            };
        }
    }

    private Expression Build(ShardSqlParser.SegmentNameContext context) => context switch
    {
        _ when context.INTEGER_NUMBER() is { } number =>
            Constant(SqlValue.FromInt64(Number(number.Symbol)), Names.PositionOf(context)),
        _ when context.STRING() is { } text =>
            Constant(SqlValue.FromText(Literals.Text(text.Symbol)), Names.PositionOf(context)),
        _ when context.identifier() is { } name =>
            Constant(SqlValue.FromText(Names.Fold(name)), Names.PositionOf(context)),
        _ => Parameter(context.PARAMETER().Symbol, Names.PositionOf(context)),
    };

    private Expression Build(ShardSqlParser.JobIdContext context) => context.INTEGER_NUMBER() is { } number
        ? Constant(SqlValue.FromInt64(Number(number.Symbol)), Names.PositionOf(context))
        : Parameter(context.PARAMETER().Symbol, Names.PositionOf(context));

    private Expression Parameter(IToken symbol, uint position) => new()
    {
        Nodes =
        {
            new ExpressionNode { Op = ExpressionOp.Parameter, Name = _parameters.Add(symbol), Position = position },
        },
    };
}
