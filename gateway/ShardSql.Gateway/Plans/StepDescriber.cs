using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>Makes rows of steps: in words, and with what each is expected to take.</summary>
internal sealed class StepDescriber(GatewayServices services)
{
    private const int KeysNamed = 3;

    /// <summary>The steps of a draft as rows.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="maxBytes">What may be read of all of them to know their sizes.</param>
    /// <param name="ended">Ends the reading.</param>
    public async Task<List<StepRecord>> DescribeAsync(PlanDraft draft, long maxBytes, CancellationToken ended)
    {
        long pauseMs = await PauseAsync(ended);
        var steps = new List<StepRecord>();
        foreach (MapStep step in draft.Steps)
        {
            StepRecord record = Describe(draft.State, step, steps.Count + 1);
            if (step.Kind == MapStepKind.Move)
            {
                Surveyed found = await MeasureAsync(
                    draft.State, step, Math.Min(maxBytes, GatewayLimits.MaxSurveyedBytesOfStep), ended);
                maxBytes -= found.Bytes;
                record = record with
                {
                    EstimatedRows = found.Rows, EstimatedBytes = found.Bytes, EstimatedPauseMs = pauseMs,
                };
            }

            steps.Add(record);
        }

        foreach (LayoutStep step in draft.LayoutSteps)
        {
            steps.Add(new StepRecord { Number = steps.Count + 1, Action = step.Text, Layout = step });
        }

        return steps;
    }

    /// <summary>A step in words.</summary>
    public static StepRecord Describe(SystemState state, MapStep step, int number)
    {
        TableDescriptor[] tables = [.. state.Catalog.OfGroup(step.GroupId)];
        byte[] first = step.Kind == MapStepKind.Move ? step.Range.Start : step.Keys[0];
        Segment? segment = state.Map.Find(first);
        string Text(byte[]? key) => tables.Length == 0 ? "" : VirtualRows.BoundText(tables[0], key) ?? "";
        return new StepRecord
        {
            Number = number,
            Action = step.Kind switch
            {
                MapStepKind.Split => "split",
                MapStepKind.Move => "move",
                _ => "join",
            },
            Map = step,
            Segment = segment is null ? ""
                : step.Kind == MapStepKind.Move && segment.Range != step.Range
                    ? $"part of {segment.Id}"
                    : segment.Id.ToString(),
            Tables = string.Join(", ", tables.Select(static table => table.Name)),
            FromKey = step.Kind == MapStepKind.Move ? Text(step.Range.Start) : Named(step.Keys, Text),
            ToKey = step.Kind == MapStepKind.Move ? Text(step.Range.End) : "",
        };
    }

    private static string Named(IReadOnlyList<byte[]> keys, Func<byte[]?, string> text)
    {
        string named = string.Join(", ", keys.Take(KeysNamed).Select(text));
        return keys.Count > KeysNamed ? $"{named} and {keys.Count - KeysNamed} more" : named;
    }

    private async Task<Surveyed> MeasureAsync(SystemState state, MapStep step, long maxBytes, CancellationToken ended) =>
        maxBytes <= 0 || state.Map.Find(step.Range.Start) is not { } segment
            ? new Surveyed(0, 0, IsWhole: false, [])
            : await new SegmentSurvey(services.Client, state).MeasureAsync(segment, step.Range, maxBytes, ended);

    /// <summary>The median of the latest pauses.</summary>
    private async Task<long> PauseAsync(CancellationToken ended)
    {
        var pauses = new List<long>();
        foreach (JobRecord job in await services.JobRows.ListAsync(ended))
        {
            if (job.RealPauseUs > 0)
            {
                pauses.Add(job.RealPauseMs);
            }
        }

        pauses = [.. pauses.TakeLast(GatewayLimits.MovesForEstimate).Order()];
        return pauses.Count == 0 ? GatewayLimits.AssumedPauseMs : pauses[pauses.Count / 2];
    }
}
