using System;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;

namespace ShardSql.Simulation.Mutation;

/// <summary>
/// The simulator a second time, beside the one that runs, with one assembly of the product replaced. What depends on that is loaded
/// anew, so that it sees the replacement; what does not is the same as everywhere, and need not be compiled again to run.
/// </summary>
internal sealed class MutantContext(string replaced, MemoryStream image) : AssemblyLoadContext(isCollectible: true)
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == replaced)
        {
            image.Position = 0;
            return LoadFromStream(image);
        }

        return DependsOnReplaced(assemblyName)
            ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll"))
            : null;
    }

    private bool DependsOnReplaced(AssemblyName name) => name.Name == replaced
        || (name.Name!.StartsWith("ShardSql.", StringComparison.Ordinal)
            && Array.Exists(Default.LoadFromAssemblyName(name).GetReferencedAssemblies(), DependsOnReplaced));
}
