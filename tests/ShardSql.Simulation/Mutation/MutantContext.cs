using System;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;

namespace ShardSql.Simulation.Mutation;

/// <summary>
/// The product and the simulator a second time, beside those that run, with one assembly replaced. All of them are
/// loaded anew, so that whatever depends on the replaced one sees the replacement.
/// </summary>
internal sealed class MutantContext(string replaced, MemoryStream image) : AssemblyLoadContext(isCollectible: true)
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name!;
        if (name == replaced)
        {
            image.Position = 0;
            return LoadFromStream(image);
        }

        string path = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        bool isOurs = name.StartsWith("ShardSql.", StringComparison.Ordinal) && File.Exists(path);
        return isOurs ? LoadFromAssemblyPath(path) : null;
    }
}
