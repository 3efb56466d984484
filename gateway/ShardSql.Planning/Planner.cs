using System;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Spillover;
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
        return Prepare(statement, context)?.Plan(context) ?? Ddl(statement, context) ?? statement.KindCase switch
        {
            Statement.KindOneofCase.Job => Control(statement, StatementKind.Job, "JOB") with
            {
                Columns = JobTables.JobColumns,
            },
            Statement.KindOneofCase.Segment when statement.Segment.Kind == SegmentActionKind.SetPlacement =>
                SetPlacement(statement, PlacementChanges.Of(context, statement.Segment)),
            Statement.KindOneofCase.Segment => Control(statement, StatementKind.Job, SegmentChanges.TagOf(statement.Segment)) with
            {
                Columns = JobTables.JobColumns,
            },
            Statement.KindOneofCase.Layout => Control(statement, StatementKind.Job, LayoutTags.Of(statement.Layout)) with
            {
                Columns = JobTables.JobColumns,
            },
            Statement.KindOneofCase.Node => Control(statement, StatementKind.Job, LayoutTags.Of(statement.Node)),
            Statement.KindOneofCase.MergeSpillover => Control(statement, StatementKind.Job, "MERGE SPILLOVER"),
            Statement.KindOneofCase.Plan => Control(
                statement, StatementKind.Job, statement.Plan.Drop ? "DROP PLAN" : "EXECUTE PLAN") with
            {
                Columns = statement.Plan.Drop ? [] : JobTables.JobColumns,
            },
            Statement.KindOneofCase.Cluster => Control(statement, StatementKind.Job, "ALTER CLUSTER"),
            Statement.KindOneofCase.Begin => Control(statement, StatementKind.TransactionControl, "BEGIN"),
            Statement.KindOneofCase.Commit => Control(statement, StatementKind.TransactionControl, "COMMIT"),
            Statement.KindOneofCase.Rollback => Control(statement, StatementKind.TransactionControl, "ROLLBACK"),
            Statement.KindOneofCase.Savepoint => Control(statement, StatementKind.TransactionControl, "SAVEPOINT"),
            Statement.KindOneofCase.Release => Control(statement, StatementKind.TransactionControl, "RELEASE"),
            Statement.KindOneofCase.Resolve => Control(statement, StatementKind.TransactionControl, "RESOLVE TRANSACTION") with
            {
                Columns = VirtualTables.ResolveColumns,
            },
            Statement.KindOneofCase.Transfer => Control(statement, StatementKind.TransactionControl, "TRANSFER LEADER"),
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
            Statement.KindOneofCase.Update when SpilledChange(statement.Update, context) is { } change =>
                new SpilledUpdatePlanner(statement, change, context),
            Statement.KindOneofCase.Update when RelationWritePlanner.IsNeeded(statement.Update, context) =>
                new RelationWritePlanner(statement, context),
            Statement.KindOneofCase.Update => new UpdatePlanner(statement, context),
            Statement.KindOneofCase.Delete when RelationWritePlanner.IsNeeded(statement.Delete, context) =>
                new RelationWritePlanner(statement, context),
            Statement.KindOneofCase.Delete => new DeletePlanner(statement, context),
            _ => null,
        };
    }

    /// <summary>What an UPDATE adds to spilled columns; null: it is none that only adds.</summary>
    private static SpilledChange? SpilledChange(Update update, PlanningContext context) =>
        SchemaNames.IsUser(update.Table.Table)
            && context.Catalog.Find(update.Table.Table.Name) is { Spillover: not null } table
                ? Spillover.SpilledChange.Of(update, table)
                : null;

    private static StatementPlan SetPlacement(Statement statement, PlannedPlacement planned) =>
        Control(statement, StatementKind.Job, SegmentChanges.TagOf(statement.Segment)) with
        {
            Columns = JobTables.JobColumns,
            MapSteps = planned.Steps,
            Ddl = planned.Begin,
            Builds = planned.Target,
        };

    private static StatementPlan Control(Statement statement, StatementKind kind, string tag) =>
        new() { Kind = kind, Statement = statement, Tag = tag, Explainer = () => [new ExplainLine(tag)] };

    /// <summary>A change of the schema; null for any other statement.</summary>
    private static StatementPlan? Ddl(Statement statement, PlanningContext context) => statement.KindCase switch
    {
        Statement.KindOneofCase.CreateTable =>
            Ddl(statement, context, "CREATE TABLE", new CreateTablePlanner(context, statement.CreateTable).Plan()),
        Statement.KindOneofCase.DropTable =>
            Ddl(statement, context, "DROP TABLE", DropTablePlanner.Plan(context, statement.DropTable)),
        Statement.KindOneofCase.AlterTable =>
            Ddl(statement, context, "ALTER TABLE", new AlterTablePlanner(context, statement.AlterTable).Plan()),
        Statement.KindOneofCase.CreateView =>
            Ddl(statement, context, "CREATE VIEW", ViewPlanner.Create(context, statement.CreateView)),
        Statement.KindOneofCase.DropView =>
            Ddl(statement, context, "DROP VIEW", ViewPlanner.Drop(context, statement.DropView)),
        Statement.KindOneofCase.CreateIndex =>
            Ddl(statement, context, "CREATE INDEX", IndexPlanner.Create(context, statement.CreateIndex)),
        Statement.KindOneofCase.DropIndex =>
            Ddl(statement, context, "DROP INDEX", IndexPlanner.Drop(context, statement.DropIndex)),
        Statement.KindOneofCase.CreateSequence =>
            Ddl(statement, context, "CREATE SEQUENCE", SequencePlanner.Create(context, statement.CreateSequence)),
        Statement.KindOneofCase.AlterSequence =>
            Ddl(statement, context, "ALTER SEQUENCE", SequencePlanner.Alter(context, statement.AlterSequence)),
        Statement.KindOneofCase.DropSequence =>
            Ddl(statement, context, "DROP SEQUENCE", SequencePlanner.Drop(context, statement.DropSequence)),
        _ => null,
    };

    private static StatementPlan Ddl(Statement statement, PlanningContext context, string tag, PlannedDdl planned) => new()
    {
        Kind = StatementKind.Ddl,
        Statement = statement,
        Tag = tag,
        Ddl = planned.Change,
        Notice = planned.Notice,
        Builds = planned.Builds,
        Columns = IndexTarget.IsBegunBy(statement) ? JobTables.JobColumns : [],
        Explainer = () => planned.Change is { } change
            ? ExplainText.DdlLines(tag, change, context)
            : [ExplainText.NothingToDo(context)],
    };

    private static StatementPlan Explain(Statement statement, PlanningContext context)
    {
        context = context with { HotRows = context.HotRows?.Looking };
        if (statement.Explain.Transaction.Count > 0)
        {
            return Explained(statement, null, TransactionExplainer.Lines(statement.Explain.Transaction, context));
        }

        if (statement.Explain.Statement is not { } inner || inner.KindCase == Statement.KindOneofCase.Explain)
        {
            throw new SqlException(SqlStates.SyntaxError, "EXPLAIN needs a statement other than EXPLAIN");
        }

        StatementPlan explained = Plan(inner, context);
        if (inner.KindCase is Statement.KindOneofCase.Segment or Statement.KindOneofCase.CreateIndex
            or Statement.KindOneofCase.Layout)
        {
            return ExplainJob(statement, explained);
        }

        IReadOnlyList<string> lines = explained.ExplainLines;
        return Explained(statement, explained, statement.Explain.Json ? [ExplainJson.Of(lines)] : lines);
    }

    /// <summary>EXPLAIN of a job changes nothing: the gateway plans it, and keeps the plan (sql.md §2, R3).</summary>
    private static StatementPlan ExplainJob(Statement statement, StatementPlan explained) => statement.Explain.Analyze
        ? throw new SqlException(
            SqlStates.FeatureNotSupported, $"EXPLAIN ANALYZE {explained.Tag} is not supported", (int)statement.Position)
        {
            Hint = $"EXPLAIN {explained.Tag} … makes a plan, which EXECUTE PLAN runs; SHOW JOB n STEPS says what it took.",
        }
        : Control(statement, StatementKind.Job, "EXPLAIN") with
        {
            Explained = explained,
            Columns = statement.Explain.Json
                ? [new ResultColumn("QUERY PLAN", SqlType.Text) { Nullable = false }]
                : JobTables.PlanColumns,
        };

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
