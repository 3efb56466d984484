using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>Syntax trees to statement messages; refuses what the grammar recognises and we do not have.</summary>
internal sealed partial class StatementBuilder
{
    private readonly ParameterNames _parameters;
    private readonly ExpressionBuilder _expressions;

    public StatementBuilder(IReadOnlyDictionary<string, SqlKind> lists)
    {
        _parameters = new ParameterNames(lists);
        _expressions = new ExpressionBuilder(_parameters, Build);
    }

    /// <summary>Lists that stand as the items of an IN.</summary>
    public int ListsInPlace => _parameters.ListsInPlace;

    public ParsedBatch Build(ShardSqlParser.BatchContext batch)
    {
        List<Statement> statements = [.. batch.statement().Select(Build)];
        return new ParsedBatch(statements, _parameters.Ordered);
    }

    private Statement Build(ShardSqlParser.StatementContext context)
    {
        Statement statement = context switch
        {
            _ when context.explainable() is { } plain => Build(plain),
            _ when context.explainStatement() is { } explain => new Statement { Explain = Build(explain) },
            _ when context.beginStatement() is { } begin =>
                new Statement { Begin = new Begin { Modes = Modes(begin.transactionMode()) } },
            _ when context.commitStatement() is not null => new Statement { Commit = new Commit() },
            _ when context.rollbackStatement() is { } rollback => new Statement { Rollback = Build(rollback) },
            _ when context.savepointStatement() is { } savepoint =>
                new Statement { Savepoint = new Savepoint { Name = Names.Fold(savepoint.identifier()) } },
            _ when context.releaseStatement() is { } release =>
                new Statement { Release = new Release { Name = Names.Fold(release.identifier()) } },
            _ when context.showStatement() is { } show => new Statement { Show = Build(show) },
            _ when context.jobStatement() is { } job => new Statement { Job = Build(job) },
            _ when context.segmentStatement() is { } segment => new Statement { Segment = Build(segment) },
            _ when context.planStatement() is { } plan => new Statement { Plan = Build(plan) },
            _ when context.clusterStatement() is { } cluster => new Statement { Cluster = Build(cluster) },
            _ when context.mergeSpilloverStatement() is { } merge =>
                new Statement { MergeSpillover = Build(merge) },
            _ when context.resolveStatement() is { } resolve => new Statement { Resolve = Build(resolve) },
            _ when context.transferStatement() is { } transfer => new Statement { Transfer = Build(transfer) },
            _ when context.layoutStatement() is { } layout => new Statement { Layout = Build(layout) },
            _ when context.nodeStatement() is { } node => new Statement { Node = Build(node) },
            _ => new Statement { Set = Build(context.setStatement()) },
        };
        statement.Position = Names.PositionOf(context);
        return statement;
    }

    private Statement Build(ShardSqlParser.ExplainableContext context)
    {
        Statement statement = context switch
        {
            _ when context.selectStatement() is { } select => new Statement { Select = Build(select) },
            _ when context.insertStatement() is { } insert => new Statement { Insert = Build(insert) },
            _ when context.updateStatement() is { } update => new Statement { Update = Build(update) },
            _ when context.deleteStatement() is { } delete => new Statement { Delete = Build(delete) },
            _ when context.createTableStatement() is { } create => new Statement { CreateTable = Build(create) },
            _ when context.createViewStatement() is { } view => new Statement { CreateView = Build(view) },
            _ when context.dropViewStatement() is { } view => new Statement { DropView = Build(view) },
            _ when context.alterTableStatement() is { } alter => new Statement { AlterTable = Build(alter) },
            _ when context.createIndexStatement() is { } index => new Statement { CreateIndex = Build(index) },
            _ when context.dropIndexStatement() is { } index => new Statement { DropIndex = Build(index) },
            _ when context.createSequenceStatement() is { } create => new Statement { CreateSequence = Build(create) },
            _ when context.alterSequenceStatement() is { } alter => new Statement { AlterSequence = Build(alter) },
            _ when context.dropSequenceStatement() is { } drop => new Statement { DropSequence = Build(drop) },
            _ => new Statement { DropTable = Build(context.dropTableStatement()) },
        };
        statement.Position = Names.PositionOf(context);
        return statement;
    }

    private static Rollback Build(ShardSqlParser.RollbackStatementContext context) => new()
    {
        Savepoint = context.identifier() is { } savepoint ? Names.Fold(savepoint) : string.Empty,
    };

    private Explain Build(ShardSqlParser.ExplainStatementContext context)
    {
        if (context.TRANSACTION() is not null)
        {
            var whole = new Explain();
            whole.Transaction.AddRange(context.explainable().Select(Build));
            return whole;
        }

        var explain = new Explain
        {
            Statement = context switch
            {
                _ when context.showStatement() is { } show =>
                    new Statement { Show = Build(show), Position = Names.PositionOf(show) },
                _ when context.segmentStatement() is { } segment =>
                    new Statement { Segment = Build(segment), Position = Names.PositionOf(segment) },
                _ when context.layoutStatement() is { } layout =>
                    new Statement { Layout = Build(layout), Position = Names.PositionOf(layout) },
                _ => Build(context.explainable(0)),
            },
            Analyze = context.ANALYZE() is not null,
            Commit = context.COMMIT() is not null,
        };
        foreach (ShardSqlParser.IdentifierContext option in context.identifier())
        {
            switch (Names.Fold(option))
            {
                case "json":
                    explain.Json = true;
                    break;
                case "analyze":
                    explain.Analyze = true;
                    break;
                case "commit":
                    explain.Commit = true;
                    break;
                case "text":
                    break;
                default:
                    throw SyntaxErrors.NotSupported(
                        $"EXPLAIN ({option.GetText()})", option.Start.StartIndex, "Options are TEXT, JSON, ANALYZE.");
            }
        }

        return explain;
    }

    private static TransactionModes Modes(ShardSqlParser.TransactionModeContext[] contexts)
    {
        var modes = new TransactionModes();
        foreach (ShardSqlParser.TransactionModeContext context in contexts)
        {
            if (context.isolationLevel() is { } level)
            {
                modes.Isolation = Isolation(level);
            }
            else if (context.TYPE() is not null)
            {
                modes.Type = Literals.Text(context.STRING().Symbol);
                TransactionTypes.Require(modes.Type, context.STRING().Symbol.StartIndex + 1);
            }
            else if (context.STRING() is { } asOf)
            {
                modes.AsOf = Literals.Text(asOf.Symbol);
            }
            else
            {
                modes.Access = context.ONLY() is null ? AccessMode.ReadWrite : AccessMode.ReadOnly;
            }
        }

        return modes;
    }

    private static TransactionIsolation Isolation(ShardSqlParser.IsolationLevelContext context) => context switch
    {
        _ when context.UNCOMMITTED() is not null => TransactionIsolation.ReadUncommitted,
        _ when context.COMMITTED() is not null => TransactionIsolation.ReadCommitted,
        _ when context.REPEATABLE() is not null => TransactionIsolation.RepeatableRead,
        _ when context.SNAPSHOT() is not null => TransactionIsolation.Snapshot,
        _ when context.STRICT() is not null => TransactionIsolation.StrictSerializable,
        _ => TransactionIsolation.Serializable,
    };

    private Set Build(ShardSqlParser.SetStatementContext context)
    {
        if (context.TRANSACTION() is not null)
        {
            return new Set { Transaction = Modes(context.transactionMode()), Position = Names.PositionOf(context) };
        }

        Expression value;
        if (context.expression() is { } expression)
        {
            value = _expressions.Build(expression);
            if (value.Nodes is [{ Op: ExpressionOp.Column, Qualifier.Length: 0 } word])
            {
                // SET x = serializable: a bare word is its own text.
                value = Constant(SqlValue.FromText(word.Name), word.Position);
            }
        }
        else
        {
            value = context.DEFAULT() is { } plain
                ? ExpressionBuilder.Default(plain.Symbol)
                : Constant(SqlValue.True, Names.PositionOf(context.ON().Symbol));
        }

        return new Set
        {
            Name = string.Join('.', context.identifier().Select(Names.Fold)),
            Value = value,
            Position = Names.PositionOf(context.identifier(0)),
        };
    }

    private static Expression Constant(SqlValue value, uint position) =>
        new() { Nodes = { ExpressionBuilder.Literal(value, position) } };

    private Show Build(ShardSqlParser.ShowStatementContext context)
    {
        if (context.jobId() is { } job)
        {
            return new Show { What = context.STEPS() is null ? "jobs" : "job_steps", Job = Build(job), Position = Names.PositionOf(job) };
        }

        if (context.CREATE() is { } create)
        {
            string kind = context.VIEW() is not null ? "create_view"
                : context.SEQUENCE() is not null ? "create_sequence" : "create_table";
            return new Show
            {
                What = kind,
                Table = Names.Table(context.tableName()),
                Position = Names.PositionOf(create.Symbol),
            };
        }

        if (context.ROW() is not null)
        {
            return new Show
            {
                What = "segment",
                Table = Names.Table(context.tableName()),
                Row = Build(context.row()),
                Position = Names.PositionOf(context.SEGMENT().Symbol),
            };
        }

        ShardSqlParser.IdentifierContext[] words = context.identifier();
        var show = new Show
        {
            What = WhatOf(context, words),
            Table = context.tableName() is { } table ? Names.Table(table) : null,
            Row = context.row() is { } key ? Build(key) : null,
            Details = context.DETAILS() is not null,
            Where = Where(context.where()),
            Position = Names.PositionOf(words[0]),
        };

        if (show is { Row: not null, What: not "spillover" })
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                "KEY belongs to SHOW SPILLOVER FOR TABLE t KEY (...)",
                context.KEY().Symbol.StartIndex + 1)
            {
                Hint = "Choose rows by WHERE; SHOW SEGMENT FOR ROW t KEY (...) finds the segment of a row.",
            };
        }

        // The clauses are read as those of a query are.
        var clauses = new Select();
        foreach (ShardSqlParser.LimitClauseContext clause in context.limitClause())
        {
            AddLimit(clauses, clause);
        }

        show.OrderBy.AddRange(context.orderItem().Select(Build));
        show.Limit = clauses.Limit;
        show.Offset = clauses.Offset;
        return show;
    }

    /// <summary>The words after SHOW, an IN before the last of them too.</summary>
    private static string WhatOf(ShardSqlParser.ShowStatementContext context, ShardSqlParser.IdentifierContext[] words)
    {
        var all = new List<string>(words.Select(Names.Fold));
        if (context.FOREIGN() is not null)
        {
            all.Insert(0, "foreign");
        }

        if (context.IN() is not null)
        {
            all.Insert(all.Count - 1, "in");
        }

        return string.Join('_', all);
    }

    private static int Number(IToken token) =>
        int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new SqlException(
                SqlStates.NumericOutOfRange, $"{Excerpt.Of(token.Text)} is out of range", token.StartIndex + 1);
}
