using System.Collections.Generic;
using System.Linq;
using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Jobs, and the statements on segments that begin them.</content>
internal sealed partial class StatementBuilder
{
    private JobAction Build(ShardSqlParser.JobStatementContext context)
    {
        var action = new JobAction { Kind = KindOf(context), Job = Build(context.jobId()) };
        if (context.operand() is { } timeout)
        {
            action.Timeout = _expressions.Build(timeout);
        }

        action.Options.AddRange(context.option().Select(Build));
        return action;
    }

    private static JobActionKind KindOf(ShardSqlParser.JobStatementContext context) => context switch
    {
        _ when context.WAIT() is not null => JobActionKind.Wait,
        _ when context.PAUSE() is not null => JobActionKind.Pause,
        _ when context.RESUME() is not null => JobActionKind.Resume,
        _ when context.REVERT() is not null => JobActionKind.Revert,
        _ when context.RETRY() is not null => JobActionKind.Retry,
        _ when context.ALTER() is not null => JobActionKind.Alter,
        _ => JobActionKind.Cancel,
    };

    private PlanAction Build(ShardSqlParser.PlanStatementContext context)
    {
        var action = new PlanAction
        {
            Drop = context.DROP() is not null,
            IfExists = context.EXISTS() is not null,
            Plan = Build(context.segmentName()),
        };
        action.Options.AddRange(Build(context.options()));
        return action;
    }

    private ClusterAction Build(ShardSqlParser.ClusterStatementContext context)
    {
        var action = new ClusterAction();
        action.Options.AddRange(context.option().Select(Build));
        return action;
    }

    private SegmentAction Build(ShardSqlParser.SegmentStatementContext context)
    {
        var action = new SegmentAction { Kind = KindOf(context) };
        action.Segments.AddRange(context.segmentName().Select(Build));
        if (context.MOVE() is not null)
        {
            action.Shard = action.Segments[^1];
            action.Segments.RemoveAt(action.Segments.Count - 1);
        }

        ShardSqlParser.TableNameContext[] tables = context.tableName();
        if (context.reshardGoal() is { } goal)
        {
            action.Goal = GoalOf(goal);
            action.Tables.AddRange(tables.Select(Names.Table));
        }
        else if (tables.Length > 0)
        {
            action.Table = Names.Table(tables[0]);
        }

        if (action.Kind == SegmentActionKind.Split && context.row() is [{ } at])
        {
            action.At = Build(at);
        }
        else
        {
            action.Rows.AddRange((context.keyRows()?.row() ?? context.row()).Select(Build));
        }

        if (context.LOAD() is not null)
        {
            action.Goal = "load";
        }

        if (context.placement() is { } placement)
        {
            action.Placement = Build(placement, table: null);
        }

        action.Where = Where(context.where());
        action.Parts = context.count() is { } parts ? NumberOf(parts.INTEGER_NUMBER(), parts.PARAMETER()) : null;
        action.Options.AddRange(Build(context.options()));
        return action;
    }

    private LeaderTransfer Build(ShardSqlParser.TransferStatementContext context) => new()
    {
        Shard = Build(context.segmentName(0)),
        Node = Build(context.segmentName(1)),
    };

    private LayoutAction Build(ShardSqlParser.LayoutStatementContext context)
    {
        var action = new LayoutAction { Kind = KindOf(context), IfExists = context.EXISTS() is not null };
        Expression[] names = [.. context.segmentName().Select(Build)];
        bool hasShard = action.Kind != LayoutActionKind.DrainNode;
        action.Shard = hasShard ? names[0] : null;
        action.Nodes.AddRange(names.Skip(hasShard ? 1 : 0));
        action.Options.AddRange(Build(context.options()));
        return action;
    }

    private static LayoutActionKind KindOf(ShardSqlParser.LayoutStatementContext context) => context switch
    {
        _ when context.DRAIN() is not null => LayoutActionKind.DrainNode,
        _ when context.CREATE() is not null => LayoutActionKind.CreateShard,
        _ when context.DROP() is not null => LayoutActionKind.DropShard,
        _ when context.ADD() is not null => LayoutActionKind.AddReplica,
        _ => LayoutActionKind.RemoveReplica,
    };

    private NodeAction Build(ShardSqlParser.NodeStatementContext context) => new()
    {
        Node = Build(context.segmentName(0)),
        Address = context.ADD() is null ? null : Build(context.segmentName(1)),
        Force = context.FORCE() is not null,
    };

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

    private static SegmentActionKind KindOf(ShardSqlParser.SegmentStatementContext context) => context switch
    {
        _ when context.RESHARD() is not null => SegmentActionKind.Reshard,
        _ when context.ALTER() is not null => SegmentActionKind.SetPlacement,
        _ when context.MERGE() is not null => SegmentActionKind.Merge,
        _ when context.SPLIT() is not null =>
            context.TABLE() is null ? SegmentActionKind.Split : SegmentActionKind.SplitTable,
        _ when context.ROWS() is not null => SegmentActionKind.MoveRows,
        _ when context.SEGMENTS() is not null => SegmentActionKind.MoveSegments,
        _ => SegmentActionKind.Move,
    };

    private static string GoalOf(ShardSqlParser.ReshardGoalContext context)
    {
        string goal = Names.Fold(context.identifier());
        int at = context.Start.StartIndex;
        return goal switch
        {
            "hash" => throw SyntaxErrors.NotSupported("RESHARD BY HASH", at, "Write SPLIT TABLE t INTO n, then RESHARD TABLE t BY SIZE."),
            _ when context.OVER() is not null => throw SyntaxErrors.NotSupported(
                "OVER LAST", context.OVER().Symbol.StartIndex, "Leave it out: of what was touched together half is forgotten each minute."),
            "graph" or "load" or "size" when context.INTO() is null => goal,
            _ => throw SyntaxErrors.NotSupported($"RESHARD BY {goal.ToUpperInvariant()}", at, "Write BY GRAPH, BY LOAD or BY SIZE."),
        };
    }

    private IEnumerable<Option> Build(ShardSqlParser.OptionsContext? context) =>
        (context?.option() ?? []).Select(Build);

    private Option Build(ShardSqlParser.OptionContext option) => new()
    {
        Name = Names.Fold(option.identifier()),
        Value = _expressions.Build(option.operand()),
        Position = Names.PositionOf(option),
    };

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

    private Expression Build(ShardSqlParser.JobIdContext context) =>
        NumberOf(context.INTEGER_NUMBER(), context.PARAMETER());

    private Expression NumberOf(ITerminalNode? number, ITerminalNode parameter) => number is not null
        ? Constant(SqlValue.FromInt64(Number(number.Symbol)), Names.PositionOf(number.Symbol))
        : Parameter(parameter.Symbol, Names.PositionOf(parameter.Symbol));

    private Expression Parameter(IToken symbol, uint position) => new()
    {
        Nodes =
        {
            new ExpressionNode { Op = ExpressionOp.Parameter, Name = _parameters.Add(symbol), Position = position },
        },
    };
}
