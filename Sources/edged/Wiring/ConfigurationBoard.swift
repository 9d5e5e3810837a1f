import EdgeCore
import FoundationEssentials
import Recognition

/// Tells the configuration in force and what was measured for the models.
struct ConfigurationBoard: ConfigurationReporter {
    let configuration: [ConfigurationEntry]
    let configuredAt: Date
    let modelMeasures: [ModelMeasure]

    init(house: House) {
        configuration = house.configuration.entries
        configuredAt = house.startedAt
        let (model, source) = (house.engine.templateModel, house.engine.thresholdSource)
        modelMeasures = house.engine.thresholdTable.map { point in
            ModelMeasure(
                model: model.id, version: model.version, falseMatchRate: point.fmr, cosine: point.cosine,
                source: source)
        }
    }
}
