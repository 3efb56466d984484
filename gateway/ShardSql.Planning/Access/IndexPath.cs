using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Access;

/// <summary>An index, and what a statement visits of it.</summary>
/// <param name="Index">The index.</param>
/// <param name="Keys">Its entries as a table.</param>
/// <param name="Builder">Builds the keys of entries.</param>
/// <param name="Suffixes">What is visited.</param>
/// <param name="Covers">Whether entries hold all that is read.</param>
internal sealed record IndexPath(
    IndexDescriptor Index, TableDescriptor Keys, KeyBuilder Builder, SuffixPlan Suffixes, bool Covers);
