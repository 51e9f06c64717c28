namespace BiPE.Core.Hub;

/// <summary>What a repository of the Hugging Face hub holds.</summary>
public enum HubRepositoryType
{
    /// <summary>A data set; its pages and files lie under <c>datasets/</c>.</summary>
    Dataset,

    /// <summary>A model.</summary>
    Model,
}
