// Written by scripts/record-examples.
extension RecordedExamples {
    static let analytics = #"""
        {"analytics_api_daily_retrieve 200":{"generated_at":"2026-03-02T08:15:00Z","report":{"api_usage":{"calls":\#
        0,"endpoints":[]},"authentications":{"failed":0,"successful":0,"total":0},"client_id":\#
        "FR_0123456789ABCDEF","date":"2026-03-02","enrollments":{"completed":0,"failed":0,"total":0},\#
        "quality_metrics":{"avg_anti_spoofing_score":null,"avg_authentication_similarity":null,\#
        "avg_enrollment_quality":null,"avg_liveness_score":null},"success_rates":{"authentication_success_rate":\#
        0.0,"enrollment_success_rate":0.0},"total_frames_processed":0},"success":true},\#
        "analytics_api_overview_retrieve 200":{"generated_at":"2026-03-02T08:15:00Z","overview":{"last_30_days":\#
        {"api_usage":{"calls":29,"unique_endpoints":4},"authentications":{"failed":0,"successful":2,"total":2},\#
        "date_range":{"end":"2026-03-02T08:15:00Z","start":"2026-03-02T08:15:00Z"},"enrollments":{"completed":1,\#
        "failed":0,"total":1},"frames_processed":9,"period":"30 days","quality_metrics":{"avg_anti_spoofing_score":\#
        null,"avg_enrollment_quality":0.8324,"avg_liveness_score":null,"avg_similarity_score":1.0}},"last_7_days":\#
        {"api_usage":{"calls":29,"unique_endpoints":4},"authentications":{"failed":0,"successful":2,"total":2},\#
        "date_range":{"end":"2026-03-02T08:15:00Z","start":"2026-03-02T08:15:00Z"},"enrollments":{"completed":1,\#
        "failed":0,"total":1},"frames_processed":9,"period":"7 days","quality_metrics":{"avg_anti_spoofing_score":\#
        null,"avg_enrollment_quality":0.8324,"avg_liveness_score":null,"avg_similarity_score":1.0}},"today":\#
        {"api_usage":{"calls":29,"endpoints":["analytics","enrollment"]},"authentications":{"failed":0,\#
        "successful":2,"total":2},"client_id":"FR_0123456789ABCDEF","date":"2026-11-26","enrollments":{"completed":\#
        1,"failed":0,"total":1},"quality_metrics":{"avg_anti_spoofing_score":null,"avg_authentication_similarity":\#
        1.0,"avg_enrollment_quality":0.8324,"avg_liveness_score":null},"success_rates":\#
        {"authentication_success_rate":100.0,"enrollment_success_rate":100.0},"total_frames_processed":9},\#
        "yesterday":{"api_usage":{"calls":0,"endpoints":[]},"authentications":{"failed":0,"successful":0,"total":\#
        0},"client_id":"FR_0123456789ABCDEF","date":"2026-11-25","enrollments":{"completed":0,"failed":0,"total":\#
        0},"quality_metrics":{"avg_anti_spoofing_score":null,"avg_authentication_similarity":null,\#
        "avg_enrollment_quality":null,"avg_liveness_score":null},"success_rates":{"authentication_success_rate":\#
        0.0,"enrollment_success_rate":0.0},"total_frames_processed":0}},"success":true},\#
        "analytics_api_summary_retrieve 200":{"generated_at":"2026-03-02T08:15:00Z","success":true,"summary":\#
        {"api_usage":{"calls":29,"unique_endpoints":4},"authentications":{"failed":0,"successful":2,"total":2},\#
        "date_range":{"end":"2026-03-02T08:15:00Z","start":"2026-03-02T08:15:00Z"},"enrollments":{"completed":1,\#
        "failed":0,"total":1},"frames_processed":9,"period":"30 days","quality_metrics":{"avg_anti_spoofing_score":\#
        null,"avg_enrollment_quality":0.8324,"avg_liveness_score":null,"avg_similarity_score":1.0}}},\#
        "analytics_auth_logs_list 200":{"count":2,"next":null,"previous":null,"results":[{"attempted_email":null,\#
        "auth_method":"face","created_at":"2026-03-02T08:15:00Z","device_fingerprint":null,"failure_reason":null,\#
        "id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000c","ip_address":"127.0.0.1","liveness_score":null,"location":null,\#
        "quality_score":0.8324,"response_time":164.3,"risk_factors":[],"risk_score":0.0,"session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000c","similarity_score":1.0,"success":true,"timestamp":\#
        "2026-03-02T08:15:00Z","user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","user_agent":null,"user_full_name":\#
        "Alice Example"},{"attempted_email":null,"auth_method":"face","created_at":"2026-03-02T08:15:00Z",\#
        "device_fingerprint":null,"failure_reason":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000006","ip_address":\#
        "127.0.0.1","liveness_score":null,"location":null,"quality_score":0.8324,"response_time":255.4,\#
        "risk_factors":[],"risk_score":0.0,"session_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000006","similarity_score":\#
        1.0,"success":true,"timestamp":"2026-03-02T08:15:00Z","user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003",\#
        "user_agent":null,"user_full_name":"Alice Example"}]},"analytics_auth_logs_retrieve 200":\#
        {"attempted_email":null,"auth_method":"face","created_at":"2026-03-02T08:15:00Z","device_fingerprint":null,\#
        "failure_reason":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000c","ip_address":"127.0.0.1",\#
        "liveness_score":null,"location":null,"quality_score":0.8324,"response_time":164.3,"risk_factors":[],\#
        "risk_score":0.0,"session_id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000c","similarity_score":1.0,"success":true,\#
        "timestamp":"2026-03-02T08:15:00Z","user":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","user_agent":null,\#
        "user_full_name":"Alice Example"},"analytics_dashboard_retrieve 200":{"alert_count":1,"auth_stats":\#
        {"avg_liveness":null,"avg_quality":0.8324,"avg_similarity":1.0,"success_rate":100.0,"successful_attempts":\#
        2,"total_attempts":2},"date_range":{"from":"2026-03-02T08:15:00Z","to":"2026-03-02T08:15:00Z"},\#
        "performance_metrics":{"avg_response_time":209.8,"max_response_time":255.4,"min_response_time":164.3},\#
        "period":"30_days","recent_activities":[{"auth_method":"face","failure_reason":null,"success":true,\#
        "timestamp":"2026-03-02T08:15:00Z"},{"auth_method":"face","failure_reason":null,"success":true,"timestamp":\#
        "2026-03-02T08:15:00Z"}],"risk_analysis":{"avg_risk_score":0.0,"high_risk_attempts":0}},\#
        "analytics_data_quality_list 200":{"count":1,"next":null,"previous":null,"results":[{"avg_brightness":null,\#
        "avg_contrast":83.3,"avg_face_size":151.6,"avg_image_quality":0.8324,"avg_sharpness":100.0,"blurry_images":\#
        0,"created_at":"2026-03-02T08:15:00Z","date":"2026-11-26","high_quality_samples":9,"id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000d","low_quality_samples":0,"medium_quality_samples":0,\#
        "obstacles_present":0,"over_exposed":0,"quality_score":0.8324,"total_samples":9,"under_exposed":0}]},\#
        "analytics_face_recognition_stats_retrieve 200":{"count":1,"results":[{"avg_liveness_score":null,\#
        "avg_quality_score":0.8324,"avg_response_time":209.8,"avg_similarity_score":1.0,"date":"2026-11-26",\#
        "failed_attempts":0,"failed_liveness":0,"failed_multiple_faces":0,"failed_no_face":0,"failed_obstacles":0,\#
        "failed_quality":0,"failed_similarity":0,"failed_system_error":0,"hour":null,"new_enrollments":1,\#
        "success_rate":100.0,"successful_attempts":2,"total_attempts":2,"unique_users":1}]},\#
        "analytics_model_performance_list 200":{"count":7,"next":null,"previous":null,"results":[{"accuracy":null,\#
        "created_at":null,"environment":"production","f1_score":null,"false_acceptance_rate":0.01,\#
        "false_rejection_rate":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000e","model":"sface","model_name":\#
        "sface 2021dec","precision":null,"recall":null,"test_conditions":{"cosine":0.298,"source":\#
        "LFW deep-funneled, 648,441 impostor pairs of 660 people; rates below 1e-5 are extrapolated by an exponentia\#
        l tail"},"test_set_size":null},{"accuracy":null,"created_at":null,"environment":"production","f1_score":\#
        null,"false_acceptance_rate":0.001,"false_rejection_rate":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000f",\#
        "model":"sface","model_name":"sface 2021dec","precision":null,"recall":null,"test_conditions":{"cosine":\#
        0.366,"source":"LFW deep-funneled, 648,\#
        441 impostor pairs of 660 people; rates below 1e-5 are extrapolated by an exponential tail"},\#
        "test_set_size":null}]},"analytics_monitoring_overview_retrieve 200":{"behavior_insights":\#
        [{"auth_success_rate":100.0,"avg_liveness_score":null,"avg_quality_score":0.8324,"avg_similarity_score":\#
        1.0,"client_user_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000003","display_name":"Alice Example",\#
        "external_user_id":"alice","last_activity":"2026-03-02T08:15:00Z","risk_level":"low","successful_attempts":\#
        2,"total_attempts":2}],"data_quality":[{"avg_brightness":null,"avg_contrast":83.3,"avg_face_size":151.6,\#
        "avg_image_quality":0.8324,"avg_sharpness":100.0,"blurry_images":0,"created_at":"2026-03-02T08:15:00Z",\#
        "date":"2026-11-26","high_quality_samples":9,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000d",\#
        "low_quality_samples":0,"medium_quality_samples":0,"obstacles_present":0,"over_exposed":0,"quality_score":\#
        0.8324,"total_samples":9,"under_exposed":0}],"face_recognition":[{"avg_liveness_score":null,\#
        "avg_quality_score":0.8324,"avg_response_time":209.8,"avg_similarity_score":1.0,"date":"2026-11-26",\#
        "failed_attempts":0,"failed_liveness":0,"failed_multiple_faces":0,"failed_no_face":0,"failed_obstacles":0,\#
        "failed_quality":0,"failed_similarity":0,"failed_system_error":0,"hour":null,"new_enrollments":1,\#
        "success_rate":100.0,"successful_attempts":2,"total_attempts":2,"unique_users":1}],"model_performance":\#
        [{"accuracy":null,"created_at":null,"environment":"production","f1_score":null,"false_acceptance_rate":\#
        0.01,"false_rejection_rate":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000e","model":"sface","model_name":\#
        "sface 2021dec","precision":null,"recall":null,"test_conditions":{"cosine":0.298,"source":\#
        "LFW deep-funneled, 648,441 impostor pairs of 660 people; rates below 1e-5 are extrapolated by an exponentia\#
        l tail"},"test_set_size":null},{"accuracy":null,"created_at":null,"environment":"production","f1_score":\#
        null,"false_acceptance_rate":0.001,"false_rejection_rate":null,"id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000f",\#
        "model":"sface","model_name":"sface 2021dec","precision":null,"recall":null,"test_conditions":{"cosine":\#
        0.366,"source":"LFW deep-funneled, 648,\#
        441 impostor pairs of 660 people; rates below 1e-5 are extrapolated by an exponential tail"},\#
        "test_set_size":null}],"system_metrics":[{"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000010","metric_name":\#
        "authentication.frames_processed","metric_type":"counter","tags":{"period":"hour"},"timestamp":\#
        "2026-03-02T08:15:00Z","unit":"frames","value":6.0},{"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000011",\#
        "metric_name":"authentication.response_time","metric_type":"timer","tags":{"period":"hour"},"timestamp":\#
        "2026-03-02T08:15:00Z","unit":"milliseconds","value":209.8325}]},"analytics_security_alerts_list 200":\#
        {"count":1,"next":null,"previous":null,"results":[{"acknowledged":false,"acknowledged_at":null,\#
        "acknowledged_by":null,"alert_type":"data_anomaly","context_data":{"door":"back"},"created_at":\#
        "2026-03-02T08:15:00Z","description":"Something happened that should not, such as a face enrolled twice.",\#
        "id":"5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolution_notes":null,"resolved":\#
        false,"resolved_at":null,"resolved_by":null,"severity":"medium","title":"Unusual","user":null}]},\#
        "analytics_security_alerts_retrieve 200":{"acknowledged":false,"acknowledged_at":null,"acknowledged_by":\#
        null,"alert_type":"data_anomaly","context_data":{"door":"back"},"created_at":"2026-03-02T08:15:00Z",\#
        "description":"Something happened that should not, such as a face enrolled twice.","id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-00000000000a","ip_address":"127.0.0.1","resolution_notes":null,"resolved":false,\#
        "resolved_at":null,"resolved_by":null,"severity":"medium","title":"Unusual","user":null},\#
        "analytics_statistics_retrieve 200":{"account_created":"2026-03-02T08:15:00Z","authentication_methods":\#
        ["face"],"avg_scores":{"liveness":null,"quality":0.8324,"similarity":1.0},"face_enrolled":1,\#
        "failed_attempts":0,"last_login":"2026-03-02T08:15:00Z","security_status":{"active_alerts":1,\#
        "last_security_scan":"2026-03-02T08:15:00Z","risk_level":"low"},"success_rate":100.0,"successful_attempts":\#
        2,"total_attempts":2},"analytics_system_metrics_list 200":{"count":8,"next":null,"previous":null,"results":\#
        [{"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000010","metric_name":"authentication.frames_processed",\#
        "metric_type":"counter","tags":{"period":"hour"},"timestamp":"2026-03-02T08:15:00Z","unit":"frames",\#
        "value":6.0},{"id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000011","metric_name":"authentication.response_time",\#
        "metric_type":"timer","tags":{"period":"hour"},"timestamp":"2026-03-02T08:15:00Z","unit":"milliseconds",\#
        "value":209.8325}]},"analytics_user_behavior_retrieve 200":{"count":1,"results":[{"auth_success_rate":\#
        100.0,"avg_liveness_score":null,"avg_quality_score":0.8324,"avg_similarity_score":1.0,"client_user_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000003","display_name":"Alice Example","external_user_id":"alice",\#
        "last_activity":"2026-03-02T08:15:00Z","risk_level":"low","successful_attempts":2,"total_attempts":2}]}}
        """#
}
