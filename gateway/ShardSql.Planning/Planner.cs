using System;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Writes;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>
/// Statement and context to plan: binds names and types, finds the shards, and makes one fragment for each. Plans by
/// resolved shards, not by the shape of the statement: what resolves to one shard is pushed down whole.
/// </summary>
public static class Planner
{
    /// <summary>Plans a statement; SqlException for what is wrong with it.</summary>
    public static StatementPlan Plan(Statement statement, PlanningContext context)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(context);
        return Prepare(statement, context)?.Plan(context) ?? statement.KindCase switch
        {
            Statement.KindOneofCase.CreateTable => CreateTable(statement, context),
            Statement.KindOneofCase.DropTable => DropTable(statement, context),
            Statement.KindOneofCase.CreateView => CreateView(statement, context),
            Statement.KindOneofCase.DropView => DropView(statement, context),
            Statement.KindOneofCase.AlterTable => AlterTable(statement, context),
            Statement.KindOneofCase.CreateIndex => CreateIndex(statement, context),
            Statement.KindOneofCase.DropIndex => DropIndex(statement, context),
            Statement.KindOneofCase.CreateSequence => CreateSequence(statement, context),
            Statement.KindOneofCase.AlterSequence => AlterSequence(statement, context),
            Statement.KindOneofCase.DropSequence => DropSequence(statement, context),
            Statement.KindOneofCase.Job => Control(statement, StatementKind.Job, "JOB") with
            {
                Columns = VirtualTables.JobColumns,
            },
            Statement.KindOneofCase.Segment => Control(statement, StatementKind.Job, SegmentChanges.TagOf(statement.Segment)) with
            {
                Columns = VirtualTables.JobColumns,
            },
            Statement.KindOneofCase.Begin => Control(statement, StatementKind.TransactionControl, "BEGIN"),
            Statement.KindOneofCase.Commit => Control(statement, StatementKind.TransactionControl, "COMMIT"),
            Statement.KindOneofCase.Rollback => Control(statement, StatementKind.TransactionControl, "ROLLBACK"),
            Statement.KindOneofCase.Savepoint => Control(statement, StatementKind.TransactionControl, "SAVEPOINT"),
            Statement.KindOneofCase.Release => Control(statement, StatementKind.TransactionControl, "RELEASE"),
            Statement.KindOneofCase.Set => Control(statement, StatementKind.Set, "SET"),
            Statement.KindOneofCase.Explain => Explain(statement, context),
            Statement.KindOneofCase.Show =>
                Plan(ShowQuery.Of(statement.Show, context), context) with { Statement = statement, Tag = "SHOW" },
            _ => throw new SqlException(SqlStates.ProtocolViolation, "a statement of an unknown kind"),
        };
    }

    /// <summary>Binds a SELECT, INSERT, UPDATE or DELETE; null for any other statement. The values of the parameters
    /// count only where the result says that it is not reusable.</summary>
    public static PreparedPlan? Prepare(Statement statement, PlanningContext context)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(context);
        return statement.KindCase switch
        {
            Statement.KindOneofCase.Select when SequenceQueryPlanner.IsNeeded(statement.Select) =>
                new SequenceQueryPlanner(statement, context),
            Statement.KindOneofCase.Select when RelationPlanner.IsNeeded(statement.Select, context) =>
                new RelationPlanner(statement, context),
            Statement.KindOneofCase.Select => new SelectPlanner(statement, context),
            Statement.KindOneofCase.Insert when RelationInsertPlanner.IsNeeded(statement.Insert) =>
                new RelationInsertPlanner(statement, context),
            Statement.KindOneofCase.Insert => new InsertPlanner(statement, context),
            Statement.KindOneofCase.Update when RelationWritePlanner.IsNeeded(statement.Update, context) =>
                new RelationWritePlanner(statement, context),
            Statement.KindOneofCase.Update => new UpdatePlanner(statement, context),
            Statement.KindOneofCase.Delete when RelationWritePlanner.IsNeeded(statement.Delete, context) =>
                new RelationWritePlanner(statement, context),
            Statement.KindOneofCase.Delete => new DeletePlanner(statement, context),
            _ => null,
        };
    }

    private static StatementPlan Control(Statement statement, StatementKind kind, string tag) =>
        new() { Kind = kind, Statement = statement, Tag = tag, Explainer = () => [new ExplainLine(tag)] };

    private static StatementPlan CreateTable(Statement statement, PlanningContext context)
    {
        var planner = new CreateTablePlanner(context, statement.CreateTable);
        DdlChange? change = planner.Plan();
        return Ddl(
            statement,
            context,
            "CREATE TABLE",
            change,
            change is null ? $"table \"{statement.CreateTable.Table.Name}\" already exists, skipping" : planner.Notice);
    }

    private static StatementPlan DropTable(Statement statement, PlanningContext context)
    {
        DdlChange? change = DropTablePlanner.Plan(context, statement.DropTable, out string? notice);
        return Ddl(statement, context, "DROP TABLE", change, notice);
    }

    private static StatementPlan CreateView(Statement statement, PlanningContext context)
    {
        DdlChange? change = ViewPlanner.Create(context, statement.CreateView);
        return Ddl(
            statement,
            context,
            "CREATE VIEW",
            change,
            change is null ? $"view \"{statement.CreateView.View.Name}\" already exists, skipping" : null);
    }

    private static StatementPlan DropView(Statement statement, PlanningContext context)
    {
        DdlChange? change = ViewPlanner.Drop(context, statement.DropView, out string? notice);
        return Ddl(statement, context, "DROP VIEW", change, notice);
    }

    private static StatementPlan AlterTable(Statement statement, PlanningContext context)
    {
        var planner = new AlterTablePlanner(context, statement.AlterTable);
        return Ddl(statement, context, "ALTER TABLE", planner.Plan(), planner.Notice);
    }

    private static StatementPlan CreateIndex(Statement statement, PlanningContext context)
    {
        (DdlChange? change, IndexTarget? target, string? notice) = IndexPlanner.Create(context, statement.CreateIndex);
        return Ddl(statement, context, "CREATE INDEX", change, notice) with
        {
            Builds = target,
            Columns = VirtualTables.JobColumns,
        };
    }

    private static StatementPlan DropIndex(Statement statement, PlanningContext context)
    {
        DdlChange? change = IndexPlanner.Drop(context, statement.DropIndex, out string? notice);
        return Ddl(statement, context, "DROP INDEX", change, notice);
    }

    private static StatementPlan CreateSequence(Statement statement, PlanningContext context)
    {
        DdlChange? change = SequencePlanner.Create(context, statement.CreateSequence);
        return Ddl(
            statement,
            context,
            "CREATE SEQUENCE",
            change,
            change is null ? $"relation \"{statement.CreateSequence.Sequence.Name}\" already exists, skipping" : null);
    }

    private static StatementPlan AlterSequence(Statement statement, PlanningContext context)
    {
        DdlChange? change = SequencePlanner.Alter(context, statement.AlterSequence, out string? notice);
        return Ddl(statement, context, "ALTER SEQUENCE", change, notice);
    }

    private static StatementPlan DropSequence(Statement statement, PlanningContext context)
    {
        DdlChange? change = SequencePlanner.Drop(context, statement.DropSequence, out string? notice);
        return Ddl(statement, context, "DROP SEQUENCE", change, notice);
    }

    private static StatementPlan Ddl(
        Statement statement, PlanningContext context, string tag, DdlChange? change, string? notice) => new()
        {
            Kind = StatementKind.Ddl,
            Statement = statement,
            Tag = tag,
            Ddl = change,
            Notice = notice,
            Explainer = () => change is null
                ? [ExplainText.NothingToDo(context)]
                : ExplainText.DdlLines(tag, change, context),
        };

    private static StatementPlan Explain(Statement statement, PlanningContext context)
    {
        if (statement.Explain.Transaction.Count > 0)
        {
            return Explained(statement, null, TransactionExplainer.Lines(statement.Explain.Transaction, context));
        }

        if (statement.Explain.Statement is not { } inner || inner.KindCase == Statement.KindOneofCase.Explain)
        {
            throw new SqlException(SqlStates.SyntaxError, "EXPLAIN needs a statement other than EXPLAIN");
        }

        StatementPlan explained = Plan(inner, context);
        IReadOnlyList<string> lines = explained.ExplainLines;
        return Explained(statement, explained, statement.Explain.Json ? [ExplainJson.Of(lines)] : lines);
    }

    private static StatementPlan Explained(Statement statement, StatementPlan? explained, IReadOnlyList<string> lines)
    {
        var rows = new List<SqlValue[]>(lines.Count);
        foreach (string line in lines)
        {
            rows.Add([SqlValue.FromText(line)]);
        }

        return new StatementPlan
        {
            Kind = StatementKind.Explain,
            Statement = statement,
            Tag = "EXPLAIN",
            Explained = explained,
            Columns = [new ResultColumn("QUERY PLAN", SqlType.Text) { Nullable = false }],
            RunPlan = new StatementRunPlan { ConstantRows = rows },
            Explainer = () => [.. System.Linq.Enumerable.Select(lines, static l => new ExplainLine(l))],
        };
    }
}
