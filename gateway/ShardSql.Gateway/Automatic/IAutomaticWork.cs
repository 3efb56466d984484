using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Plans;

namespace ShardSql.Gateway.Automatic;

/// <summary>A kind of job that a cluster may begin by itself.</summary>
internal interface IAutomaticWork
{
    /// <summary>The setting that turns it on, and what its plans say where they come from.</summary>
    string Name { get; }

    /// <summary>What the settings say about it.</summary>
    AutomaticMode ModeOf(ClusterSettings settings);

    /// <summary>What would be done now; null where nothing is worth a thought.</summary>
    /// <param name="known">What this gateway knows of its transactions.</param>
    /// <param name="ended">Ends the planning.</param>
    Task<AutomaticProposal?> ProposeAsync(GraphSnapshot known, CancellationToken ended);
}

/// <summary>What could be done, and whether it is worth it.</summary>
/// <param name="Draft">The steps.</param>
/// <param name="Gain">What it brings.</param>
/// <param name="Cost">What it takes, in the same unit.</param>
internal sealed record AutomaticProposal(PlanDraft Draft, long Gain, long Cost);
