using System;

namespace ShardSql.Benchmarks;

/// <summary>A run that cannot be believed: a peer did not start, or money went missing.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
