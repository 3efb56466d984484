using System.Collections.Generic;
using System.Globalization;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Explaining;

namespace ShardSql.Planning.Queries;

/// <summary>Tells in words what shards and gateway do for a SELECT.</summary>
internal static class QueryExplainer
{
    /// <summary>What EXPLAIN is told.</summary>
    /// <param name="query">The query.</param>
    /// <param name="access">How its rows are reached.</param>
    /// <param name="scan">What each shard runs.</param>
    /// <param name="single">Whether one shard does it all.</param>
    public static ExplainInput Explain(BoundQuery query, TableAccess access, ScanPlan scan, bool single)
    {
        var gateway = new List<string>();
        var shard = new List<string>();
        if (access.Shards.Count > 0)
        {
            AddFilter(shard, access);
            AddAggregation(shard, scan.Aggregation);
            AddOutput(shard, scan.Output);
        }

        if (access.Shards.Count > 1 && !single)
        {
            string merge = scan.Aggregation is not null
                ? query.Aggregation!.Groups.Count > 0 ? "merge groups" : "merge aggregates"
                : query.Aggregation is not null ? "concat" : query.Output.Order.Count > 0 ? "ordered merge" : "concat";
            var steps = new List<string>();
            if (query.Aggregation is not null && scan.Aggregation is null)
            {
                AddAggregation(steps, query.Aggregation);
            }

            AddOutput(steps, query.Output, isSorted: query.Aggregation is null);
            gateway.Add(steps.Count == 0 ? merge : merge + " [" + string.Join(", ", steps) + "]");
        }

        if (access.IsLookUp)
        {
            gateway.Add($"visit the rows of {access.Table.Name} by their keys");
        }

        return new ExplainInput
        {
            Verb = "scan",
            Table = access.Table,
            Access = access,
            Shards = access.Shards,
            GatewaySteps = gateway,
            ShardSteps = shard,
            EqualColumns = access.EqualColumns,
            IsBounded = access.IsBounded,
        };
    }

    private static void AddFilter(List<string> steps, TableAccess access)
    {
        if (!access.Filter.IsEmpty)
        {
            steps.Add("filter");
        }
    }

    private static void AddAggregation(List<string> steps, Aggregation? aggregation)
    {
        if (aggregation is not null)
        {
            string what = aggregation.Groups.Count > 0 ? "group" : "aggregate";
            steps.Add(aggregation.Partial ? "partial " + what : what);
        }
    }

    private static void AddOutput(List<string> steps, OutputStage? stage, bool isSorted = false)
    {
        if (stage is null)
        {
            return;
        }

        if (!stage.Having.IsEmpty)
        {
            steps.Add("having");
        }

        if (stage.Distinct)
        {
            steps.Add("distinct");
        }

        if (stage.Order.Count > 0 && !isSorted)
        {
            steps.Add(stage.Presorted ? "in key order" : stage.Limited ? "top" : "sort");
        }

        if (stage.Limited)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"limit {stage.Limit}"));
        }

        if (stage.Offset > 0)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"offset {stage.Offset}"));
        }
    }
}
