using System;
using System.Globalization;
using System.IO;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster;

/// <summary>What kind of thing happened, for the trace.</summary>
internal enum TraceKind : byte
{
    Message = 1,
    Lost = 2,
    Durable = 3,
    Applied = 4,
    Fault = 5,
    Client = 6,
    Boot = 7,
}

/// <summary>
/// A rolling hash over everything that happens, in order: two runs of a seed are the same run if and only if it is the
/// same at the end. Writes the events as text too where somebody wants to read them.
/// </summary>
internal sealed class ClusterTrace(TextWriter? text)
{
    public ulong Hash { get; private set; }

    public bool IsText => text is not null;

    public void Add(TraceKind kind, long nowUs, uint from, uint to, ReadOnlySpan<byte> content)
    {
        Mix(kind, nowUs, from, to, Hash64.Compute(content));
        text?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{nowUs,12} {kind} {from}>{to} {(content.Length > 0 ? content[0] : 0)} {content.Length}"));
    }

    public void Add(TraceKind kind, long nowUs, uint from, uint to, ulong content)
    {
        Mix(kind, nowUs, from, to, content);
        text?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nowUs,12} {kind} {from}>{to} {content}"));
    }

    /// <summary>Something with a name of its own: a fault, the end of a client's transaction.</summary>
    public void Say(TraceKind kind, long nowUs, string what)
    {
        ulong hash = (ulong)what.Length;
        foreach (char c in what)
        {
            hash = Hash64.Combine(hash, c);
        }

        Mix(kind, nowUs, 0, 0, hash);
        text?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nowUs,12} {kind} {what}"));
    }

    private void Mix(TraceKind kind, long nowUs, uint from, uint to, ulong content)
    {
        ulong hash = Hash64.Combine(Hash, ((ulong)kind << 56) ^ (ulong)nowUs);
        Hash = Hash64.Combine(Hash64.Combine(hash, ((ulong)from << 32) | to), content);
    }
}
